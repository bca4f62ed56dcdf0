"""What README and the other pages say is so: commands, help texts, tables, links."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.accuracy import FULL, read_accuracy
from autograder.assignment.policy import network_digest
from autograder.assignment.settings import find_sources, read_assignment
from autograder.compile.accuracy_gate import accuracy_findings
from tools.write_accuracy import HEADING
from tools.write_accuracy import table as accuracy_table

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HELP = dict(re.findall(r"^```console\n\$ (autograder[^\n]*--help)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))


def targets() -> set[str]:
    """Return the Makefile's targets that a person may call: those that `make help` lists."""
    lines = re.findall(r"^([a-z0-9. -]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return {target for line in lines for target in line.split()}


def table(heading: str) -> list[list[str]]:
    """Return the cells of the rows of README's first table under a heading, its head left out."""
    section = re.split(r"^#+ .*\n", README.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    assert len(rows) > 2, f"README has no table under {heading!r}"
    return [[cell.strip() for cell in row] for row in rows[2:]]


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get on a forge."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def squeeze(text: str) -> str:
    """Return a help text without white space: where its lines break, at hyphens too, depends on the Python version."""
    return "".join(text.split())


def test_first_commands() -> None:
    """README's first commands are `make demo` and `make test`, in this order, and nothing before them."""
    block = re.search(r"^```\w*\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[1]
    commands = [line.partition("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make demo", "make test"]


def test_figures_are_those_that_were_measured() -> None:
    """How well the checks judge stands in README as `make confusion` wrote it down."""
    measured = (ROOT / "docs" / "confusion.md").read_text(encoding="utf-8")
    rows = table("How well it judges")
    assert {name for name, *_ in rows} >= {"right answers accepted", "wrong answers caught"}
    assert all(f"| {' | '.join(row)} |" in measured for row in rows)


def test_accuracies_are_those_that_were_measured() -> None:
    """Each assignment's stands in README as `make assess` wrote it down, of all specimens and of the network of today."""
    assert table(HEADING.lstrip("# ")) == [
        [cell.strip() for cell in row.strip("|").split("|")] for row in accuracy_table(ROOT)[2:]
    ]
    for source in find_sources(ROOT):
        accuracy = read_accuracy(ROOT / "solutions" / source.name)
        assert accuracy is not None
        assert (accuracy.form, accuracy.digest) == (FULL, network_digest(source)), f"{source.name}: make assess"
        assert not list(accuracy_findings(accuracy, read_assignment(source).bars))


def test_speeds_are_those_that_were_measured() -> None:
    """README's seconds a submission are those of docs/performance.json: a class of 100, and the two other graders."""
    costs = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))["costs"]
    seconds = {
        cost["way"]: cost["seconds"] / cost["submissions"]
        for cost in costs
        if cost["settings"] == "release" and (cost["way"] != "ours" or cost["submissions"] == 100)
    }
    expected = (
        "takes {ours:.1f} s a submission on two cores, where nbgrader takes {nbgrader:.0f} s and otter {otter:.0f} s"
    )
    assert expected.format(**seconds) in " ".join(README.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_targets_exist(page: Path) -> None:
    """Each `make` target that a page names is one that `make help` lists."""
    named = re.findall(r"(?:`|^|\$ )make ([a-z][a-z0-9.-]*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) - targets() == set()


@pytest.mark.parametrize(
    "target", ["help", "demo", "test", "check", "build", "lock", "model", "confusion", "calibrate", "assess", "sources"]
)
def test_makefile_has(target: str) -> None:
    """The targets that people and scripts rely on are there, each with its line in `make help`."""
    assert target in targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file leads to one that exists, and each anchor to a heading."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if "://" not in link and not (target.exists() and (not anchor or anchor in anchors(target))):
            dead.append(link)
    assert dead == []


def test_readme_shows_help() -> None:
    """README shows at least the help of the whole command and of `grade`."""
    assert {"autograder --help", "autograder grade --help"} <= HELP.keys()


@pytest.mark.parametrize("command", HELP)
def test_help_is_the_programs(command: str) -> None:
    """Each help text in README is what the program prints, but for where lines break."""
    arguments = command.split()[1:]
    run = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"`{command}` failed: {run.stderr.strip() or 'no message'}"
    assert squeeze(HELP[command]) == squeeze(run.stdout), "make readme"


def test_graded_cells_are_the_notebooks() -> None:
    """README's table of graded cells names the source notebook's, with their points, in their order."""
    path = ROOT / "source/mapping_representations/mapping_representations.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    graded = [(f"`{mark['grade_id']}`", mark["points"]) for mark in marks if mark.get("grade")]
    assert [(row[0], float(row[2])) for row in table("The graded cells")] == graded


def test_points_are_the_contracts() -> None:
    """The exercise gives 20 points and 10 of bonus, 21 of them by machine."""
    rows = table("The graded cells")
    bonus = [float(row[2]) for row in rows if "bonus" in row[1]]
    machine = [float(row[2]) for row in rows if row[1].startswith("test")]
    assert (sum(float(row[2]) for row in rows), sum(bonus), sum(machine)) == (30, 10, 21)


def test_folders_exist() -> None:
    """Each folder that README's table calls kept in git is there."""
    kept = [row[0].strip("`") for row in table("The folders") if row[2] == "yes"]
    assert kept
    assert [folder for folder in kept if not (ROOT / folder).exists()] == []
