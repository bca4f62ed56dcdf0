"""The page of keys says what the schema says, and the policy's reader agrees with it."""

import re
from pathlib import Path

from autograder.assignment.policy import read_policy, read_tables
from autograder.assignment.schema import NetworkFile, keys_of

NAME = "mapping_representations"


def test_the_page_lists_every_key(root: Path) -> None:
    """Each key stands under its table with what it holds and its default, and no key stands there that isn't one."""
    page = (root / "docs" / "assignment.md").read_text("utf-8")
    listed = {}
    for heading, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL):
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", text, re.MULTILINE)
        listed[heading.strip("[]") if heading.startswith("[") else ""] = {key: row for key, *row in rows}
    expected = keys_of()
    assert {table: list(keys) for table, keys in listed.items()} == {t: list(keys) for t, keys in expected.items()}
    for table, keys in expected.items():
        for key, field in keys.items():
            holds, left_out = listed[table][key]
            assert holds == field.description
            assert left_out.startswith("needed") == field.is_required(), key
            if isinstance(field.default, (str, float)):
                assert (
                    left_out.strip('"') == f"{field.default:g}" if isinstance(field.default, float) else field.default
                )


def test_the_policy_is_the_files(root: Path) -> None:
    """What tests read without the schema is what the schema says, defaults included."""
    folder = root / "source" / NAME
    tables = read_tables(folder)
    del tables["data"]["scale"], tables["messages"]
    file, policy = NetworkFile.model_construct(**tables), read_policy(folder)
    defaults = keys_of()
    assert policy.images == file.answers["images"]
    assert policy.roles.keys() == {"deep", "middle"}
    assert policy.scale == defaults["data"]["scale"].default
    assert policy.brief == (defaults["messages"]["detail"].default == "brief")
