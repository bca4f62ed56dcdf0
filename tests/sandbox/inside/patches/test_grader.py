"""What the grader's own process leaves out."""

import subprocess
import sys

from sqlalchemy import create_engine, text
from sqlalchemy.orm import scoped_session, sessionmaker

from autograder.sandbox.inside.patches.grader import flushing_only

READ = """
import sys
from autograder.sandbox.inside.patches.grader import leave_grammar_out
leave_grammar_out()
from nbformat import validate
from nbformat.v4 import new_notebook
validate(new_notebook())
print("lark" in sys.modules)
"""


def test_no_grammar_is_built():
    """A notebook is read and checked without it."""
    told = subprocess.run([sys.executable, "-c", READ], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False"]


def test_a_submission_is_one_step(tmp_path):
    """A commit inside writes and ends nothing: it can be taken back; behind it, commits are commits."""
    engine = create_engine(f"sqlite:///{tmp_path}/book.db")
    session = scoped_session(sessionmaker(bind=engine))
    session.execute(text("create table marks (points integer)"))
    session.commit()
    write, read = text("insert into marks values (1)"), text("select * from marks")
    with flushing_only():
        session.execute(write)
        session.commit()
    session.rollback()
    assert session.execute(read).fetchall() == []
    session.execute(write)
    session.commit()
    session.rollback()
    assert session.execute(read).fetchall() == [(1,)]
    session.remove()
    engine.dispose()
