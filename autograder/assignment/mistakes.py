"""Check `assignment.toml` against its schema, and put each mistake into a sentence."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from pydantic import ValidationError

from autograder.assignment.credit import credit_mistakes
from autograder.assignment.policy import NO_ROLES, SETTINGS
from autograder.assignment.problems import Problem
from autograder.assignment.schema import AssignmentFile, NetworkFile, keys_of, table_of
from autograder.assignment.surroundings import Surroundings

__all__ = ["check_tables"]

_OF_NETWORKS = {"model", "data", "answers", "layers", "maps"}
_LISTS = ("maps", "submissions")  # of tables
_LAYERS = "a list of the network's layers"  # what a role holds, whose name is any
_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")

Place = tuple[str | int, ...]


def check_tables(around: Surroundings) -> tuple[AssignmentFile | None, tuple[Problem, ...]]:
    """Return what a file says, and every mistake in it; None where it can't be used.

    Args:
        around: the file's tables, and what they have to fit.
    """
    kind = NetworkFile if around.asks_judge or _OF_NETWORKS & around.tables.keys() else AssignmentFile
    settings, mistakes = None, [*_role_mistakes(around), *credit_mistakes(around)]
    try:
        settings = kind.model_validate(around.tables, context=around)
    except ValidationError as error:
        mistakes += _mistakes(error)
    path = around.folder / SETTINGS
    text = path.read_text(encoding="utf-8")
    problems = {Problem(path, "", _line_of(text, place), message) for place, message in mistakes}
    return settings, tuple(sorted(problems, key=lambda problem: (problem.line, problem.message)))


def _role_mistakes(around: Surroundings) -> Iterator[tuple[Place, str]]:
    """Yield the roles that test cells speak of, and for which no layers are named; and those that none speaks of."""
    layers = around.tables.get("layers")
    if not isinstance(layers, dict):
        return
    unasked = layers.keys() - {*NO_ROLES, *around.roles} if around.roles else set()
    for role in sorted(unasked):
        near = difflib.get_close_matches(role, [*around.roles, *NO_ROLES], 1)
        told = (
            f"the nearest is `{near[0]}`" if near else f"asked for are {', '.join(f'`{one}`' for one in around.roles)}"
        )
        yield ("layers", role), f"`{role}` in [layers] is no role that a test cell asks for: {told}."
    for role in around.roles:
        if role not in layers and not difflib.get_close_matches(role, unasked, 1):
            yield ("layers",), f'[layers] has no `{role}`, and a test cell asks for the role "{role}".'


def _mistakes(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Yield the place of each mistake that pydantic found, and a sentence."""
    errors = error.errors(include_url=False)
    without_test = {each["loc"][:2] for each in errors if each["loc"][0] == "maps" and each["loc"][2:] == ("check",)}
    # The answers of a map whose test is gone are gone as well: that follows.
    errors = [each for each in errors if each["loc"][:2] not in without_test or each["loc"][2:] == ("check",)]
    unknown = [each["loc"] for each in errors if each["type"] == "extra_forbidden"]
    misspelt = {(*place[:-1], near) for place in unknown if (near := _near_key(place))}
    for each in errors:
        place = each["loc"]
        if each["type"] == "extra_forbidden":
            yield place, _unknown_key(place)
        elif each["type"] != "missing":
            yield place, f"{_key_in_words(place)} {_wrong(each, place)}."
        elif place not in misspelt:
            yield place[:-1], f"{_key_in_words(place)} is missing; expected: {_description(place)}."


def _wrong(mistake: Mapping[str, Any], place: Place) -> str:
    """Return what is wrong with a value, in words that follow its key."""
    if mistake["type"] == "value_error":
        return str(mistake["ctx"]["error"])
    in_list = isinstance(place[-1], int) and place[0] not in _LISTS
    return f"{'holds' if in_list else 'is'} {_as_toml(mistake['input'])}; expected: {_description(place)}"


def _as_toml(value: object) -> str:
    """Return a value as TOML has it, not more than a line can hold."""
    text = value.isoformat() if isinstance(value, date | time) else repr(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else f"{text[:60]}…"


def _key_in_words(place: Place) -> str:
    """Return what people call a key: "`images` in [answers]"."""
    names = [str(name) for name in place if isinstance(name, str)]
    if len(names) == 1:
        return f"`{names[0]}`" if table_of(NetworkFile.model_fields[names[0]]) is None else f"[{names[0]}]"
    return f"`{names[1]}` in {_table_name(place)}"


def _table_name(place: Place) -> str:
    """Return what people call the table that a key stands in."""
    if place[0] in _LISTS:
        return f"[[{place[0]}]] number {int(place[1]) + 1}"
    return f"[{place[0]}]" if len(place) > 1 else "this file"


def _description(place: Place) -> str:
    """Return what the schema says of a key."""
    names = [str(name) for name in place if isinstance(name, str)]
    field = keys_of()["" if len(names) == 1 else names[0]].get(names[-1])
    return _LAYERS if field is None else str(field.description)


def _near_key(place: Place) -> str:
    """Return the known key of the same table that an unknown one is nearest to; "" where none is near."""
    near = difflib.get_close_matches(str(place[-1]), keys_of()["" if len(place) == 1 else str(place[0])], 1)
    return near[0] if near else ""


def _unknown_key(place: Place) -> str:
    """Return a sentence about a key that nobody reads."""
    name, keys_by_table = str(place[-1]), keys_of()
    elsewhere = next((table for table, keys in keys_by_table.items() if name in keys), None)
    own = keys_by_table["" if len(place) == 1 else str(place[0])]
    if near := _near_key(place):
        advice = f"the nearest known key is `{near}`; expected there: {own[near].description}"
    elif elsewhere is not None:
        advice = f"it belongs in [{elsewhere}]" if elsewhere else "it belongs before the first table"
    else:
        advice = f"known are {', '.join(f'`{key}`' for key in own)}"
    return f"`{name}` is no key of {_table_name(place)}: {advice}."


def _line_of(text: str, place: Place) -> int:
    """Return the line in which a key stands, or its table; from 1, and 0 where it has no line of its own."""
    names = [name for name in place if isinstance(name, str)]
    count = place[1] if len(place) > 1 and isinstance(place[1], int) and place[0] in _LISTS else 0
    table, nth, line_of_table = "", Counter[str](), 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[1]
            nth[table] += 1
            if names[: table.count(".") + 1] == table.split(".") and nth[table] == count + 1:
                line_of_table = number
        elif (
            (key := _KEY.match(line))
            and [*filter(None, table.split(".")), key[1]] == names
            and nth[table] in (0, count + 1)
        ):
            return number
    return line_of_table
