"""A test that lacks something of the machine's is skipped with its name, and the summary counts it."""

import os
import subprocess
import sys

CONFTEST = """
import tests.needs
tests.needs.NEEDS["a moat"] = lambda: "the water is out"
tests.needs.NEEDS["air"] = lambda: ""
from tests.conftest import pytest_addoption, pytest_collection_modifyitems, pytest_runtest_setup, pytest_terminal_summary
"""
TESTS = """
import pytest
from tests.needs import require

@pytest.fixture(scope="session")
def bridge():
    require("a moat")

@pytest.mark.needs("a moat")
def test_marked(): raise AssertionError
@pytest.mark.needs("air")
def test_there(): pass
def test_by_fixture(bridge): raise AssertionError
"""


def _run(folder, root, tests, *options):
    """Run some tests by this project's hooks."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = needs\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov", str(folder), *options]
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_is_missing_is_skipped_by_name(tmp_path, root):
    """By marker and by fixture; what is there runs."""
    ran = _run(tmp_path, root, TESTS)
    assert "1 passed, 2 skipped" in ran.stdout
    assert "Skipped for want of: a moat (2)." in ran.stdout


def test_a_need_that_nobody_listed_is_a_mistake(tmp_path, root):
    """A misspelt name would skip nothing, or fail for another reason."""
    ran = _run(tmp_path, root, TESTS.replace('needs("air")', 'needs("fire")'))
    assert ran.returncode != 0
    assert "does not list fire" in ran.stdout + ran.stderr


def test_tests_can_be_chosen_by_their_need(tmp_path, root):
    """CI runs those that need a browser once it has one."""
    ran = _run(tmp_path, root, TESTS, "--needing", "air")
    assert "1 passed, 2 deselected" in ran.stdout
