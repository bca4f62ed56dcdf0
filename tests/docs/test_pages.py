"""The pages as a whole: each command is run by a test, or is an exception that gives its reason."""

import re
import shlex

import pytest

from autograder import cli
from tests.docs.pages import EXCEPTIONS, IN_SENTENCES, PAGES, ROOT, RUN_BY, Command, assert_shown, blocks, commands

PROGRAMS = "apt-get|bash|chmod|dask|jupyter|make|nbgrader|otter|pip|python|python3|sh"
IN_SENTENCE = re.compile(rf"`((?:{PROGRAMS}) [^`\n]+)`")
FOR_USERS = (
    "README.md",
    *(f"docs/{name}.md" for name in ("first-hour", "gradescope", "nbgrader-and-otter", "operations", "student")),
)
WIDTH = 100
INLINE = re.compile(r"`(autograder (?:build|collect|grade|watch|report|export|demo|--debug)\b[^`\n]*)`")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_run(page: str) -> None:
    """A page with a command that is no exception names the test that runs its commands, and that test names the page."""
    if {command.text for command in commands(page)} - EXCEPTIONS.keys():
        assert page in RUN_BY, f"{page} has commands: say in RUN_BY which test runs them"
        assert page.rpartition("/")[2] in (ROOT / RUN_BY[page]).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_commands_stand_in_blocks_that_are_looked_at(page: str) -> None:
    """A block says what it is, so that none with commands is passed over."""
    for language, content in blocks(page):
        assert language in ("sh", "console", "python", "markdown", "json", "toml", "text", "")
        assert language in ("sh", "console") or not re.search(
            r"^(\$ |autograder |nbgrader |make )", content, re.MULTILINE
        )


def wide_lines(text: str) -> list[str]:
    """Return the lines of prose that are too wide: fenced blocks and tables may be, and links count without targets."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = re.sub(r"\]\([^)]*\)", "]", prose).splitlines()
    return [line for line in lines if len(line) > WIDTH and not line.startswith("|")]


@pytest.mark.parametrize("page", PAGES)
def test_lines_are_narrow(page: str) -> None:
    """A line of prose can be read in an editor, and compared side by side."""
    assert wide_lines((ROOT / page).read_text(encoding="utf-8")) == []


def test_wide_lines_are_found() -> None:
    """Words count; the target of a link, a table and a block don't."""
    word, sentence = "x" * WIDTH, "y" * (WIDTH + 1)
    assert wide_lines(f"{word}\n{sentence}\n") == [sentence]
    assert wide_lines(f"[a page](https://{sentence})\n| {sentence} |\n```text\n{sentence}\n```\n") == []


def test_exceptions_are_needed() -> None:
    """An exception that no page needs is taken away."""
    typed = {command.text for page in PAGES for command in commands(page)}
    assert EXCEPTIONS.keys() - typed == set()
    assert {page for page in RUN_BY if not commands(page)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_calls_in_the_text_are_understood(page: str) -> None:
    """Each call of `autograder` within a sentence is one that the command line takes."""
    for call in INLINE.findall((ROOT / page).read_text(encoding="utf-8")):
        arguments = shlex.split(call)[1:]
        bare = arguments in (["collect"], ["grade"], ["watch"], ["export"], ["report"])
        if bare or re.search(r"[<…\[]", call) or "--debug" in arguments:
            continue  # a form of calls, or a command's name
        cli._parser().parse_args(arguments)


def test_other_programs_calls_in_the_text_are_run() -> None:
    """A command within a sentence of a user's page begins one of a block, or is on the list with its reason."""
    typed = [command.text for page in PAGES for command in commands(page)]
    called = {call for page in FOR_USERS for call in IN_SENTENCE.findall((ROOT / page).read_text(encoding="utf-8"))}
    missing = {call for call in called if not any(call in text for text in typed)}
    assert missing - {"make help"} == IN_SENTENCES.keys()


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_small(page: str) -> None:
    """Each picture of a page is there, has a text for those who can't see it, and is no download."""
    for text, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        picture = (ROOT / page).parent / path
        assert text
        assert picture.stat().st_size < 200_000


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page: str) -> None:
    """A file of the repository that a page names in full is there."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:autograder|docs|source|tests|tools)/[\w./-]+)`", text)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_picture_of_processes_names_what_there_is() -> None:
    """The rooms and modules in the picture are the package's."""
    picture = (ROOT / "docs" / "pictures" / "processes.svg").read_text(encoding="utf-8")
    named = re.findall(r"\b(?:\w+/)+(?:\w+\.py)?(?=[,<])", picture)
    assert len(named) >= 10
    folders = (ROOT / "autograder", ROOT / "autograder" / "sandbox")
    assert [path for path in named if not any((folder / path).exists() for folder in folders)] == []


def test_every_page_is_in_the_index() -> None:
    """A page in `docs/` can be found from its index."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - linked == {"README.md"}


def test_what_is_shown_is_compared() -> None:
    """Output that differs from what a page shows is told; dots stand for what may differ."""
    command = Command("autograder build", ("tiny: compiling", "…", "tiny: built"))
    assert_shown(command, "tiny: compiling\ntiny: leaks: none\ntiny: built\n")
    assert_shown(Command("true"), "whatever\n")
    with pytest.raises(AssertionError, match="shown"):
        assert_shown(command, "tiny: compiling\nno more\n")
