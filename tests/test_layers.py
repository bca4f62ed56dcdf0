"""Who may import whom, as docs/design.md says: read from every import statement, lazy and relative ones too."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "autograder"

# A part of the package, and the parts that it may know besides itself. A new part, or a new edge, is a decision: it is
# made here and in docs/design.md.
KNOWS = {
    "model": set(),
    "errors": set(),
    "threads": set(),
    "assignment": {"model", "errors"},
    "checks": set(),
    "hidden": {"checks"},
    "tsne": {"hidden"},
    "sandbox": {"model", "errors", "threads"},
    "doctor": {"model", "errors", "sandbox"},
    "reuse": {"errors", "threads", "checks", "tsne", "sandbox"},
    "judging": {"model", "errors", "threads", "assignment", "checks", "hidden", "sandbox", "reuse"},
    "execute": {"model", "errors", "assignment", "checks", "sandbox", "reuse", "judging"},
    "peers": {"model", "errors", "threads", "assignment", "checks"},
    "compile": {"model", "errors", "assignment", "peers"},
    "collect": {"model", "errors"},
    "grade": {"model", "errors", "assignment", "sandbox", "reuse", "execute", "peers", "collect"},
    "report": {"model", "errors"},
    "export": {"model", "errors"},
    "gradescope": {"model", "errors", "assignment", "sandbox", "execute", "collect", "grade", "export"},
    "demo": {"model", "errors", "assignment", "compile", "grade", "report"},
    "graded_folder": {"model", "errors", "assignment", "collect", "grade", "report"},
    "cli": {
        "model",
        "errors",
        "assignment",
        "doctor",
        "compile",
        "collect",
        "grade",
        "report",
        "export",
        "demo",
        "graded_folder",
    },
    "__main__": {"cli"},
    "__init__": set(),
}

# What the copy of `checks` that travels with a release finds on a student's machine.
STUDENTS_HAVE = sys.stdlib_module_names | {"numpy", "scipy", "sklearn"}

NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "base", "core", "tools", "stuff"}


def modules() -> Iterator[tuple[str, Path]]:
    """Yield each module of the package with its dotted name; a package's own name for its `__init__.py`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if len(parts) > 2 and parts[-1] == "__init__" else parts), path


def imports(name: str, path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, anywhere in it.

    ``from a import b`` yields ``a.b``: whether b is a module or a name of a's makes no difference to who knows whom.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -(node.level - 1) or None] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "importlib.import_module",
            "import_module",
            "__import__",
        ):
            target = node.args[0] if node.args else None
            yield target.value if isinstance(target, ast.Constant) else ""


def part(name: str) -> str:
    """Return the part of the package that a dotted name lies in: ``autograder.compile.passes`` lies in ``compile``."""
    return [*name.split("."), "__init__"][1]


def knows() -> Iterator[tuple[str, str, str]]:
    """Yield each import of one part by another, with the module that it stands in.

    ``import autograder`` alone is nobody's secret: the test below keeps the package's own `__init__` empty of the others.
    """
    for name, path in modules():
        for imported in imports(name, path):
            if imported.startswith("autograder.") and part(imported) != part(name):
                yield name, part(name), part(imported)


def test_every_part_is_known() -> None:
    """Each module and folder of the package has its line in the table: a new one is placed before it is used."""
    assert {part(name) for name, _ in modules()} <= KNOWS.keys()


def test_parts_know_only_whom_they_may() -> None:
    """No module imports a part of the package that its own part may not know."""
    assert [edge for edge in knows() if edge[2] not in KNOWS.get(edge[1], set())] == []


def test_the_table_is_the_pages() -> None:
    """docs/design.md tells the same table."""
    page = (PACKAGE.parent / "docs" / "design.md").read_text(encoding="utf-8").partition("## Who may import whom")[2]
    told = {}
    for who, whom in re.findall(r"^\| (`.*`) \|.*\| (.*) \|$", page.partition("\n## ")[0], re.MULTILINE):
        told |= {name: set(re.findall(r"`(\w+)`", whom)) for name in re.findall(r"`(\w+)`", who)}
    assert told == {who: known for who, known in KNOWS.items() if not who.startswith("__")}


@pytest.mark.parametrize(("one", "other"), [("compile", "execute"), ("execute", "compile"), ("execute", "grade")])
def test_the_table_keeps_the_design(one: str, other: str) -> None:
    """Building and running do not know each other, and running does not know grading, not even by way of others."""
    reached, waiting = set(), [one]
    while waiting:
        for known in KNOWS[waiting.pop()] - reached:
            reached.add(known)
            waiting.append(known)
    assert other not in reached


def test_only_the_command_line_knows_the_command_line() -> None:
    """`cli` parses and calls: nothing but `__main__` calls it."""
    assert {who for who, known in KNOWS.items() if "cli" in known} == {"__main__"}


@pytest.mark.parametrize("name", ["model", "errors"])
def test_records_need_nothing(name: str) -> None:
    """The records and the exceptions import the standard library alone, so that everybody can import them."""
    path = PACKAGE / f"{name}.py"
    assert {imported.split(".")[0] for imported in imports(f"autograder.{name}", path)} <= sys.stdlib_module_names


def test_checks_need_what_a_student_has() -> None:
    """`checks` is copied into releases: it imports the standard library, NumPy, SciPy, scikit-learn and itself."""
    strangers = [
        (name, imported)
        for name, path in modules()
        if part(name) == "checks"
        for imported in imports(name, path)
        if imported.split(".")[0] not in STUDENTS_HAVE and not imported.startswith("autograder.checks.")
    ]
    assert strangers == []


def test_hidden_checks_need_no_more() -> None:
    """`hidden` travels beside `checks` in otter's zip, where nothing else of the package is."""
    strangers = [
        (name, imported)
        for name, path in modules()
        if part(name) == "hidden"
        for imported in imports(name, path)
        if imported.split(".")[0] not in STUDENTS_HAVE
        and not imported.startswith(("autograder.checks.", "autograder.hidden."))
    ]
    assert strangers == []


def test_checks_import_each_other_relatively() -> None:
    """A copy of `checks` works under another name: its modules find each other without saying `autograder`."""
    absolute = [
        (name, node.module)
        for name, path in modules()
        if part(name) == "checks"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("autograder")
    ]
    assert absolute == []


def test_no_module_is_a_drawer() -> None:
    """A module's name says what is in it: no `utils`, `helpers`, `common` or `misc`."""
    assert [name for name, _ in modules() if NAMES_THAT_SAY_NOTHING & set(name.split("."))] == []


def test_no_two_classes_share_a_name() -> None:
    """A public class's name means one thing in the whole package."""
    names = [
        node.name
        for _, path in modules()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [name for name in set(names) if names.count(name) > 1] == []
