"""Fill the templates of pages for teachers: nothing is loaded or run, and what students wrote is text."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.report.class_records import task_of

__all__ = ["fill_template", "new_environment", "write_file"]


def fill_template(name: str, **values: object) -> str:
    """Return a page.

    Args:
        name: of the template `<name>.html.jinja`. Its style is `class.css`, allowed by its digest and by nothing else.
        values: what the template shows.
    """
    style = files("autograder.report").joinpath("pages/class.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template(f"{name}.html.jinja")
    return template.render(style=Markup(style), style_digest=digest, **values)  # noqa: S704 - our own file


def write_file(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file; a reader meets the old one or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    # newline="": a table brings its own ends of lines.
    # errors="replace": half a pair of surrogates, in a name from JSON, is no text.
    partial.write_text(text, encoding=encoding, errors="replace", newline="")
    partial.replace(path)


def new_environment() -> Environment:
    """Return Jinja with autoescape on, as students' text goes in, and with the filter `prose`."""
    environment = Environment(
        loader=PackageLoader("autograder.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = _prose
    return environment


@cache
def _environment() -> Environment:
    """Return the class pages' Jinja."""
    environment = new_environment()
    environment.filters["points"] = lambda number: f"{round(number, 2):g}"
    environment.filters["share"] = lambda part, whole: f"{100 * part / whole if whole else 0:.0f} %"
    environment.filters["words"] = lambda name: name.replace("_", " ")
    environment.filters["task"] = task_of
    environment.filters["many"] = _many
    return environment


def _many(number: int, one: str, more: str | None = None) -> str:
    """Return a number with what is counted: "1 student", "2 students"."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def _prose(text: str) -> Markup:
    """Return a message with its `code` set as code, and everything in it escaped."""
    marked = Markup()
    for is_code, parts in groupby(re.split(r"(`[^`\n]+`)", text), lambda part: part.startswith("`") and len(part) > 2):
        for part in parts:
            marked += Markup("<code>{}</code>").format(part[1:-1]) if is_code else escape(part)
    return marked
