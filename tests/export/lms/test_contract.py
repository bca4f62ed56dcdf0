"""What holds for every system: each module of `autograder.export.lms` is tried here, a new one too."""

import csv
import io
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.export import ExportError, export, find_systems, lms
from autograder.export.systems import ClassListSystem
from autograder.grade.results import append_result
from tests.export.class_lists import CLASS, FILES, NAME, result
from tests.export.reading import reasons

SYSTEMS = find_systems()
LISTED = [name for name, system in SYSTEMS.items() if isinstance(system, ClassListSystem)]
OTHERS = sorted(SYSTEMS.keys() - set(LISTED))
ADA = (result("Ada Lovelace"),)


def _rows(text: str) -> list[list[str]]:
    """Return a file's rows as the standard library reads them."""
    return list(csv.reader(io.StringIO(text, newline="")))


def _sample(name: str, old: str, new: str) -> str:
    """Return a system's class list with a text replaced in its fields, each of which is quoted."""
    rows = [[field.replace(old, new) for field in row] for row in _rows(FILES[name].decode("utf-8-sig"))]
    assert rows != _rows(FILES[name].decode("utf-8-sig"))
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return file.getvalue()


def _differences(before: str, after: str) -> list[str]:
    """Return what the fields that changed say now."""
    rows = zip(_rows(before), _rows(after), strict=True)
    return [now for old, new in rows for was, now in zip(old, new, strict=True) if was != now]


def test_every_class_list_has_a_sample() -> None:
    """A system that is added brings a file of the class of five to `class_lists.py`, on which these tests stand."""
    assert sorted(FILES) == sorted(LISTED)


def test_every_module_is_a_system() -> None:
    """None is passed over, and no two have one name."""
    modules = [path for path in Path(lms.__file__).parent.glob("*.py") if path.stem != "__init__"]
    assert len(SYSTEMS) == len(modules)


@pytest.mark.parametrize("name", LISTED)
def test_only_the_score_changes(ask: Any, name: str) -> None:
    """One field gets the score; every other byte is as it was."""
    outcome = export(ask(name, results=(result("Ada Lovelace", 12.25),)))
    (change,) = outcome.changes
    assert outcome.path.read_bytes().replace(b"12.25", change.old.encode()) == FILES[name]


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("sign", ['"', ",", ";", "\t", "\n", "\r\n"])
def test_quoted_signs_come_back(ask: Any, name: str, sign: str) -> None:
    """A quote, a delimiter or an end of line within a name parts nothing."""
    text = _sample(name, "Lovelace", f"Love{sign}lace")
    after = export(ask(name, text.encode(), results=ADA)).path.read_bytes().decode()
    assert _differences(text, after) == ["11"]


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "'="])
def test_names_of_a_list_keep_their_signs(ask: Any, name: str, sign: str) -> None:
    """What looks like a formula in a class list is the system's own: it goes back as it came."""
    text = _sample(name, "Lovelace", f"{sign}Lovelace")
    after = export(ask(name, text.encode(), results=ADA)).path.read_bytes().decode()
    assert _differences(text, after) == ["11"]


@pytest.mark.parametrize("name", OTHERS)
def test_new_files_hold_no_formula(ask: Any, name: str) -> None:
    """A student's id that a spreadsheet would run is guarded in a table, and is data elsewhere."""
    request = ask(name, b"", class_list=None, results=(result("=1+1"),), folder_name=lambda _: "x")
    path = export(request).path
    for file in [path] if path.is_file() else path.rglob("*.*"):
        text = file.read_text("utf-8")
        if file.suffix == ".json":
            json.loads(text)
        else:
            assert not any(field.startswith("=") for row in _rows(text) for field in row)


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_kept(ask: Any, name: str, encoding: str) -> None:
    """What comes back has the encoding of what came, byte order mark included."""
    text = _sample(name, "Hopper", "H\u00f6pper")
    after = export(ask(name, text.encode(encoding), results=ADA)).path.read_bytes()
    assert _differences(text, after.decode(encoding)) == ["11"]
    assert after[:4] == text.encode(encoding)[:4]


@pytest.mark.parametrize("name", LISTED)
def test_unmatched_students_are_listed(ask: Any, name: str) -> None:
    """A result that no row is about fills none, and is named; so are the rows without a result."""
    outcome = export(ask(name, results=(result("zoe"),)))
    assert outcome.path.read_bytes() == FILES[name]
    assert reasons(outcome) == {"zoe": "matches no row"}
    assert len(outcome.without_result) >= len(CLASS)


@pytest.mark.parametrize("name", LISTED)
def test_another_file_is_refused(ask: Any, name: str) -> None:
    """The person is told where the right one is to be had."""
    with pytest.raises(ExportError, match="is no ") as raised:
        export(ask(name, b"a,b,c\n1,2,3\n"))
    assert raised.value.tip == SYSTEMS[name].download


@pytest.mark.parametrize("name", OTHERS)
def test_a_class_list_says_nothing_to_others(ask: Any, name: str) -> None:
    """Who takes new files is given no class list."""
    with pytest.raises(ExportError, match=f"--class-list says nothing for --lms {name}"):
        export(ask(name, b""))


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_dry_run_writes_nothing(ask: Any, name: str) -> None:
    """Not even a folder."""
    request = ask(name, **({"dry_run": True} if name in FILES else {"data": b"", "class_list": None, "dry_run": True}))
    assert export(request).path is None
    assert not request.out.exists()


SAKAI = '''
    """Read Sakai's gradebook file."""

    from autograder.export.columns import choose_column, header_places, read_person
    from autograder.export.records import Worksheet
    from autograder.export.systems import ClassListSystem


    def _read(table, request, most):
        header = table.values(0)
        column = choose_column(dict(enumerate(header)), header, request, "the Sakai file")
        who = header_places(header, {"Student ID": "login", "Student Name": "name"})
        people = tuple(read_person(table, row, who) for row in table.lines())
        return Worksheet(table, people, column, None)


    SYSTEM = ClassListSystem(name="sakai", title="Sakai", download="In Sakai: Gradebook, Export.", read=_read)
'''


@pytest.fixture
def sakai(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system that is one file more in the registry's folder."""
    folder = tmp_path / "lms"
    folder.mkdir()
    (folder / "sakai.py").write_text(textwrap.dedent(SAKAI))
    monkeypatch.setattr(lms, "__path__", [*lms.__path__, str(folder)])
    yield
    sys.modules.pop(f"{lms.__name__}.sakai", None)


@pytest.mark.usefixtures("sakai")
def test_a_new_system_is_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line offers it and fills its class list; nothing else is told about it."""
    (tmp_path / "out").mkdir()
    append_result(tmp_path / "out" / "results.jsonl", result("ada"))
    given = tmp_path / "given.csv"
    given.write_text(f"Student ID,Student Name,{NAME}\nada,Ada Lovelace,\ngrace,Grace Hopper,\n")
    arguments = ["export", str(tmp_path / "out"), "--lms", "sakai", "--class-list", str(given)]
    assert cli.main(arguments) == 0
    assert (tmp_path / "out" / "sakai.csv").read_text().endswith("\nada,Ada Lovelace,11\ngrace,Grace Hopper,\n")
    with pytest.raises(SystemExit):
        cli.main(["export", "--help"])
    assert "sakai" in capsys.readouterr().out
