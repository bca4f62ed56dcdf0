"""Keep what stands for each student in addresses: nobody guesses it, and it stays the same from run to run."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.errors import AutograderError
from autograder.give_back.files import write_private
from autograder.texts import guard_formula

__all__ = ["LINKS", "links_csv", "read_tokens", "with_tokens_for", "write_tokens"]

LINKS = "feedback-links.csv"
_TOKENS = "feedback-tokens.json"
_TOKEN_BYTES = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


def read_tokens(out: Path) -> dict[str, str]:
    """Return each student's token; none before the first run.

    Raises:
        AutograderError: the file is damaged: new tokens would break every address that was given out.
    """
    path = out / _TOKENS
    try:
        tokens = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path) from error
    values = list(tokens.values()) if isinstance(tokens, dict) else [None]
    if not all(isinstance(one, str) and _TOKEN.fullmatch(one) for one in values) or len(set(values)) < len(values):
        raise _damaged(path)
    return dict(tokens)


def _damaged(path: Path) -> AutograderError:
    """Return what is to be said of a file that can't be read."""
    return AutograderError(
        f"{path} holds no tokens that can be read.",
        "Bring it back, or remove it: then every student's address changes.",
    )


def with_tokens_for(tokens: Mapping[str, str], students: Sequence[str]) -> dict[str, str]:
    """Return tokens with new ones for students who have none."""
    return {**{student: secrets.token_urlsafe(_TOKEN_BYTES) for student in students}, **tokens}


def write_tokens(out: Path, tokens: Mapping[str, str]) -> None:
    """Write the tokens where their owner alone reads them."""
    write_private(out / _TOKENS, json.dumps(dict(sorted(tokens.items())), indent=1) + "\n")


def links_csv(places: Mapping[str, str]) -> str:
    """Return who has which address below the server's folder, by student."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("student", "address"))
    writer.writerows((guard_formula(student), places[student]) for student in sorted(places))
    return text.getvalue()
