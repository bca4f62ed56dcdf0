"""Fill the templates of pages for teachers: nothing is loaded or run, and what students wrote is text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.checks.meanings import of_examples
from autograder.model import MapImages
from autograder.report.class_records import task_of
from autograder.report.student_markdown import render_answer

__all__ = ["fill_template", "kind_of"]


def fill_template(name: str, style: str = "class", scripts: Sequence[str] = (), **values: object) -> str:
    """Return a page.

    Args:
        name: of the template `<name>.html.jinja`.
        style: of `<style>.css`, a file of ours.
        scripts: what the page runs, of ours too.
        values: what the template shows.
    """
    css = files("autograder.report").joinpath(f"pages/{style}.css").read_text("utf-8")
    ours = {"style": Markup(css), "scripts": [Markup(script) for script in scripts]}  # noqa: S704
    return _environment().get_template(f"{name}.html.jinja").render(ours, policy=_policy(css, scripts), **values)


def kind_of(diagnosis: str, images: MapImages | None) -> str:
    """Return a diagnosis in words: of examples, where no images were mapped."""
    words = diagnosis.replace("_", " ")
    return words if images is None or images.pictures else of_examples(words)


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Return a Content-Security-Policy: nothing is loaded, and only these scripts run, by digest.

    Bokeh makes style elements of its own at run time, whose digests nobody knows beforehand: pages with scripts allow
    styles on the page. Nothing of a submission gets in as a style: texts are escaped, HTML has lost its attributes.
    """
    styles = "'unsafe-inline'" if scripts else f"'sha256-{_digest(style)}'"
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    return f"default-src 'none'; script-src {allowed}; img-src data:; style-src {styles}; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=8)  # Bokeh's library is the same for a class, and has 1.3 MB
def _digest(text: str) -> str:
    """Return a text's SHA-256 in base64, as a Content-Security-Policy has it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    """Return Jinja with autoescape on, as students' text goes in, and with the pages' filters."""
    environment = Environment(
        loader=PackageLoader("autograder.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = _prose
    environment.filters["answer"] = render_answer
    environment.filters["points"] = lambda number: f"{round(number, 2):g}"
    environment.filters["share"] = lambda part, whole: f"{100 * part / whole if whole else 0:.0f} %"
    environment.filters["kind"] = kind_of
    environment.filters["task"] = task_of
    environment.filters["part"] = lambda name: name.partition("_")[2].replace("_", " ").capitalize() or name
    environment.filters["many"] = lambda number, one, more=None: f"{number} {one if number == 1 else more or one + 's'}"
    return environment


def _prose(text: str) -> Markup:
    """Return a message with its `code` set as code, and everything in it escaped."""
    marked = Markup()
    for is_code, parts in groupby(re.split(r"(`[^`\n]+`)", text), lambda part: part.startswith("`") and len(part) > 2):
        for part in parts:
            marked += Markup("<code>{}</code>").format(part[1:-1]) if is_code else escape(part)
    return marked
