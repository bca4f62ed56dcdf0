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
GROUND = {
    "stops",
    "model",
    "errors",
    "files",
    "texts",
    "log",
    "accuracy",
    "assignment",
    "totals",
    "lateness",
}  # everybody's, but for what travels alone
JUDGES = {"checks", "hidden", "judging"}  # a receipt has a digest of their code
KNOWS = {
    "stops": set(),
    "model": {"stops", "checks"},
    "totals": {"model"},
    "lateness": {"model", "errors"},
    "errors": set(),
    "files": set(),
    "texts": set(),
    "accuracy": {"files"},
    "threads": set(),
    "lifeline": set(),
    "signals": set(),
    "log": {"lifeline", "texts"},
    "assignment": {"model", "errors"},
    "checks": set(),
    "hidden": {"assignment", "checks"},
    "tsne": {"log", "checks", "hidden"},
    "sandbox": {*GROUND, "threads"},
    "bounded": {*GROUND, "threads", "sandbox"},
    "doctor": {*GROUND, "sandbox"},
    "reuse": {*GROUND, "threads", "checks", "tsne", "sandbox", "bounded"},
    "judging": {*GROUND, "threads", "checks", "hidden", "sandbox", "reuse"},
    "claims": {*GROUND, "sandbox"},
    "execute": {*GROUND, "checks", "sandbox", "bounded", "reuse", "judging", "claims"},
    "peers": {*GROUND, "threads", "checks"},
    "compile": {*GROUND, "peers", "sandbox", "execute", "assess"},
    "collect": {*GROUND, "bounded"},
    "grade": {*GROUND, "sandbox", "bounded", "reuse", "execute", "peers", "collect", "claims", *JUDGES},
    "rejudge": {*GROUND, "bounded", "reuse", "execute", "judging", "claims", "grade", "graded_folder"},
    "appeal": {
        *GROUND,
        "checks",
        "hidden",
        "reuse",
        "judging",
        "claims",
        "execute",
        "collect",
        "grade",
        "report",
        "graded_folder",
    },
    "report": {*GROUND, "checks"},
    "export": GROUND,
    "gradescope": {*GROUND, "sandbox", "judging", "execute", "collect", "grade", "export", "report"},
    "demo": {*GROUND, "compile", "grade", "report", "sandbox"},
    "new": {*GROUND, "reuse"},
    "assess": {*GROUND, "checks", "hidden", "reuse"},
    "preview": {*GROUND, "compile", "grade", "report", "sandbox"},
    "graded_folder": {*GROUND, "collect", "grade", "report"},
    "late_work": {*GROUND, "grade", "export", "graded_folder"},
    "watch": {
        *GROUND,
        "sandbox",
        "bounded",
        "execute",
        "collect",
        "claims",
        "grade",
        "report",
        "graded_folder",
        "late_work",
        "course",
    },
    "give_back": {*GROUND, "collect", "grade", "report", "graded_folder"},
    "course": {*GROUND, "grade", "report", "export", "graded_folder", "late_work"},
    "merge": {*GROUND, "sandbox", "peers", "execute", "collect", "claims", "grade", "graded_folder"},
    "arguments": {"export", "give_back"},
    "commands": {
        *GROUND,
        "doctor",
        "compile",
        "collect",
        "grade",
        "report",
        "export",
        "demo",
        "graded_folder",
        "late_work",
        "course",
        "merge",
        "rejudge",
        "give_back",
        "appeal",
        "watch",
        "assess",
        "new",
        "preview",
    },
    "cli": {*GROUND, "arguments", "commands", "sandbox", "signals"},
    "__main__": {"cli"},
    "__init__": set(),
}

# What the copy of `checks` that travels with a release finds on a student's machine.
STUDENTS_HAVE = sys.stdlib_module_names | {"numpy", "scipy", "sklearn"}

# The one module of `hidden` that imports each, when a network is computed.
FRAMEWORKS = {"keras": "autograder.hidden.keras_network", "torch": "autograder.hidden.torch_network"}

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
        parts = set(re.findall(r"`(\w+)`", whom)) | (GROUND if "the ground floor" in whom else set())
        told |= dict.fromkeys(re.findall(r"`(\w+)`", who), parts)
    assert told == {who: known for who, known in KNOWS.items() if not who.startswith("__")}


@pytest.mark.parametrize(("one", "other"), [("execute", "compile"), ("execute", "grade")])
def test_the_table_keeps_the_design(one: str, other: str) -> None:
    """Running knows neither building nor grading, not even by way of others."""
    reached, waiting = set(), [one]
    while waiting:
        for known in KNOWS[waiting.pop()] - reached:
            reached.add(known)
            waiting.append(known)
    assert other not in reached


def test_only_the_command_line_knows_the_command_line() -> None:
    """`cli` parses and calls: nothing but `__main__` calls it."""
    assert {who for who, known in KNOWS.items() if "cli" in known} == {"__main__"}


@pytest.mark.parametrize(
    ("name", "besides"),
    [
        ("stops", set()),
        ("model", {"autograder.stops", "autograder.checks.meanings"}),
        ("errors", set()),
        ("files", set()),
        ("texts", set()),
        ("assignment.policy", set()),
    ],
)
def test_what_everybody_imports_needs_nothing(name: str, besides: set[str]) -> None:
    """The lowest modules import the standard library alone, and the records the diagnoses: everybody pays for them."""
    found = imports(f"autograder.{name}", PACKAGE / f"{name.replace('.', '/')}.py")
    strangers = (imported for imported in found if imported.split(".")[0] not in sys.stdlib_module_names)
    assert {imported.rpartition(".")[0] for imported in strangers} == besides


def test_pages_need_no_check() -> None:
    """`report` takes from the checks what their words mean, maps in words, and nothing that judges."""
    taken = {
        imported
        for name, path in modules()
        if part(name) == "report"
        for imported in imports(name, path)
        if imported.startswith("autograder.checks")
    }
    assert {imported.rpartition(".")[0] for imported in taken} == {
        "autograder.checks.meanings",
        "autograder.checks.describe",
    }


def test_checks_need_what_a_student_has() -> None:
    """`checks` is copied into releases: it imports what the release asks for, and itself."""
    strangers = [
        (name, imported)
        for name, path in modules()
        if part(name) == "checks"
        for imported in imports(name, path)
        if imported.split(".")[0] not in {*STUDENTS_HAVE, "matplotlib", "bokeh"}
        and not imported.startswith("autograder.checks.")
    ]
    assert strangers == []


def test_hidden_checks_need_no_more() -> None:
    """`hidden` travels beside `checks` in otter's zip, where only the policy's reader is of the rest."""
    strangers = [
        (name, imported)
        for name, path in modules()
        if part(name) == "hidden"
        for imported in imports(name, path)
        if imported.split(".")[0] not in STUDENTS_HAVE
        and FRAMEWORKS.get(imported.split(".")[0]) != name
        and not imported.startswith(("autograder.checks.", "autograder.hidden.", "autograder.assignment.policy."))
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


def test_tests_lie_in_the_room_that_they_test() -> None:
    """Each folder of tests is a room of the package, or is about its pages, or judges the zoo."""
    tests = Path(__file__).parent
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert {str(folder) for folder in folders if not (PACKAGE / folder).is_dir()} <= {"docs", "zoo"}


@pytest.mark.parametrize("room", ["checks", "hidden", "tsne"])
def test_each_module_that_computes_has_tests_of_its_own(room: str) -> None:
    """What judges values is tested module by module, under the module's own name."""
    modules = {path.relative_to(PACKAGE) for path in (PACKAGE / room).rglob("*.py") if path.name != "__init__.py"}
    tests = Path(__file__).parent
    assert [str(path) for path in modules if not (tests / path.with_name(f"test_{path.name}")).is_file()] == []
