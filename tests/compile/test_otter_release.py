"""The otter master says the same as the nbgrader source, in otter's words."""

import ast
import contextlib
import dataclasses

import pytest
import yaml
from nbformat.v4 import new_markdown_cell

from autograder.compile.otter_release import normalise_zip, otter_master
from autograder.model import Credit
from tests.compile.small import small_source


@pytest.fixture
def cells(tmp_path):
    """The master's cells."""
    return otter_master(small_source(tmp_path), {"files": ["numbers.txt"]}).cells


def raw(cells):
    """Return the raw cells' texts: otter's structure."""
    return [cell.source for cell in cells if cell.cell_type == "raw"]


def test_every_graded_cell_becomes_a_question_of_its_name(cells):
    """One id for a task everywhere."""
    settings = [yaml.safe_load(text) for text in raw(cells) if text.startswith("# BEGIN QUESTION")]
    assert settings == [{"name": "sum"}, {"name": "sum_test"}, {"name": "why", "manual": True, "points": 1}]


def test_blocks_are_balanced(cells):
    """otter lets unclosed blocks pass in silence."""
    marks = [text.splitlines()[0].split()[1:3] for text in raw(cells) if not text.startswith("# ASSIGNMENT")]
    open_blocks = []
    for step, kind in marks:
        if step == "BEGIN":
            open_blocks.append(kind)
        else:
            assert open_blocks.pop() == kind
    assert open_blocks == []


def test_solution_markers_are_otters(cells):
    """otter knows exactly `# BEGIN SOLUTION`, and keeps what it doesn't know."""
    code = next(cell.source for cell in cells if "helper_value" in cell.source)
    assert [line for line in code.splitlines() if "SOLUTION" in line] == ["# BEGIN SOLUTION", "# END SOLUTION"]


def test_a_test_with_hidden_lines_has_a_public_case_without_points_and_a_hidden_one_with_all(cells):
    """The hidden case repeats the public lines: public tests alone give nothing."""
    public, hidden = (cell.source for cell in cells if "TEST CONFIG" in cell.source)
    assert "points: 0" in public
    assert "3 * 111" not in public
    assert "hidden: true" in hidden
    assert "points: 2" in hidden
    assert "is not None" in hidden


def test_a_case_asks_for_the_students_names(cells):
    """otter looks parameters up among the student's names."""
    for cell in cells:
        if "TEST CONFIG" in cell.source:
            function = ast.parse(cell.source).body[-1]
            assert [argument.arg for argument in function.args.args] == ["total"]


def test_with_credit_each_share_has_a_case(tmp_path):
    """A mistake that keeps half of the points passes the first case alone; together they are worth what the test is."""

    def change(notebook):
        test = next(cell for cell in notebook.cells if cell.source.startswith("assert total"))
        lines = [
            "from autograder.checks.failure import CheckFailed",
            "if total == 1: raise CheckFailed('pooled', 'No.')",
            "if total == 2: raise CheckFailed('transposed', 'No.')",
            "if total == 3: raise CheckFailed('wrong_layer', 'No.')",
        ]
        test.source = "\n".join(["### BEGIN HIDDEN TESTS", *lines, "### END HIDDEN TESTS"])

    source = small_source(tmp_path, change)
    credit = Credit({"pooled": 0.5}, {"sum_test": {"transposed": 0.25}})
    source = dataclasses.replace(source, assignment=dataclasses.replace(source.assignment, credit=credit))
    cells = otter_master(source, {"files": ["numbers.txt"]}).cells
    cases, worth = [], []
    for text in [cell.source for cell in cells if "TEST CONFIG" in cell.source][1:]:
        names: dict[str, object] = {}
        exec(text, names)  # noqa: S102 (our own code)
        cases.append(names[ast.parse(text).body[-1].name])
        worth.append(yaml.safe_load(text.split('"""')[1].split("\n", 1)[1])["points"])
    assert worth == [0.5, 0.5, 1.0]

    def points(total):
        earned = 0.0
        for case, each in zip(cases, worth, strict=True):
            with contextlib.suppress(AssertionError):
                case(total=total)
                earned += each
        return earned

    assert [points(total) for total in range(4)] == [2.0, 1.0, 0.5, 0.0]


def test_globals_are_the_students(tmp_path):
    """A test's own file has globals of its own, in which no answer is: otter's `env` has them."""

    def change(notebook):
        test = next(cell for cell in notebook.cells if cell.source.startswith("assert total"))
        test.source = test.source.replace("assert total ==", "assert globals().get('total') ==")

    cells = otter_master(small_source(tmp_path, change), {"files": ["numbers.txt"]}).cells
    _, hidden = (cell.source for cell in cells if "TEST CONFIG" in cell.source)
    names: dict[str, object] = {}
    exec(hidden, names)  # noqa: S102 (our own code)
    case = names[ast.parse(hidden).body[-1].name]
    case(env={"total": 3 * 111 + 9}, total=0)
    with pytest.raises(AssertionError):
        case(env={}, total=3 * 111 + 9)


def test_the_master_has_no_cell_ids_and_no_nbgrader_metadata(cells):
    """Ids would be random, and the metadata tells a student what is graded how."""
    assert not any("id" in cell or "nbgrader" in cell.metadata for cell in cells)


@pytest.mark.parametrize("asked", ["Why is that so?", None])
def test_what_asks_for_a_written_answer_is_the_questions_first_cell(tmp_path, asked):
    """otter locks the first cell of a written question and writes a comment into it: never the answer."""

    def change(notebook):
        if asked:
            notebook.cells.insert(4, new_markdown_cell(asked))

    cells = otter_master(small_source(tmp_path, change), {"files": ["numbers.txt"]}).cells
    texts = [cell.source for cell in cells]
    begin = next(index for index, text in enumerate(texts) if "name: why" in text)
    assert texts[begin + 1 : begin + 3] == [asked or "Answer in the cell below.", "# BEGIN PROMPT"]
    assert texts.count(asked or "Answer in the cell below.") == 1


def test_a_zip_is_the_same_whenever_it_is_written(tmp_path):
    """otter stamps the time into its own."""
    import zipfile

    for name, date in (("a", (2024, 1, 1, 0, 0, 0)), ("b", (2025, 2, 2, 0, 0, 0))):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr(zipfile.ZipInfo("files/x.txt", date), "x")
            archive.writestr(zipfile.ZipInfo("files/__pycache__/x.pyc", date), name)
            archive.writestr(zipfile.ZipInfo("setup.sh", date), "echo")
        normalise_zip(tmp_path / f"{name}.zip", tmp_path / f"{name}.out.zip")
    assert (tmp_path / "a.out.zip").read_bytes() == (tmp_path / "b.out.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.out.zip") as archive:
        assert archive.namelist() == ["files/x.txt", "setup.sh"]
        assert archive.getinfo("setup.sh").external_attr >> 16 == 0o755
