"""Do the commands for who writes an assignment: `build`, `new`, `assess`, `preview`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.root import root_of

__all__ = ["do_assess", "do_build", "do_new", "do_preview"]


def do_build(options: argparse.Namespace) -> None:
    """Do `autograder build`."""
    from autograder.compile.compiler import build

    build(root_of(options), options.assignment, gate=options.gate, html=options.html, draft=options.draft)


def do_new(options: argparse.Namespace) -> None:
    """Do `autograder new`."""
    from autograder.new import NewAssignment, create

    new = NewAssignment(
        name=options.name,
        model=options.model,
        data=options.data,
        weights=options.weights,
        deep=tuple(options.deep),
        middle=tuple(options.middle),
        classes=tuple(options.classes),
        images=options.images,
        title=options.title,
        licence=options.licence,
    )

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    folder = create((options.root or Path.cwd()).resolve(), new, say)
    sys.stdout.write(f"{folder}\n")
    sys.stderr.write(
        f"Look at {folder.name}.ipynb: `autograder build {new.name}` lists the places that wait for your words, and "
        f"`autograder build {new.name} --draft` builds without them.\n"
    )


def do_assess(options: argparse.Namespace) -> None:
    """Do `autograder assess`."""
    from autograder.accuracy import write_accuracy
    from autograder.assess import assess
    from autograder.assess.table import lines_of
    from autograder.assignment.settings import read_source

    root = root_of(options)
    source = read_source(root / "source" / options.assignment).assignment

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    accuracy = assess(source.folder, say)
    path = write_accuracy(root / "solutions" / source.name, accuracy)
    sys.stdout.write("".join(f"{line}\n" for line in (*lines_of(accuracy), path)))


def do_preview(options: argparse.Namespace) -> None:
    """Do `autograder preview`."""
    import webbrowser

    from autograder.preview import preview

    pages = preview(root_of(options), options.assignment, jobs=options.jobs)
    sys.stdout.write("".join(f"{page}\n" for page in pages))
    if options.open and not all(webbrowser.open(page.as_uri()) for page in pages):
        sys.stderr.write("No browser could be started here: open these pages by hand.\n")
