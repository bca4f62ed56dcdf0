"""The messages between the grader and its judging process; both are trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.hidden.evidence import Evidence
from autograder.model import AskedMap, MapImages, StudentMap
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import SealedFile, StoredArray

__all__ = [
    "CallReply",
    "CallRequest",
    "GivenCell",
    "Judgement",
    "JudgingPlan",
    "Question",
    "QuestionHeader",
    "QuestionHeaders",
    "ReadClaims",
    "Ready",
    "Spent",
    "SubmissionMaps",
    "Test",
    "TestOutcome",
]


@dataclass(frozen=True)
class GivenCell:
    """A given code cell.

    Attributes:
        name: its id.
        source: its text.
        needs_answers: True where it reads what a student assigns.
    """

    name: str
    source: str
    needs_answers: bool


@dataclass(frozen=True)
class Test:
    """A test cell: its id and its whole text."""

    name: str
    source: str


@dataclass(frozen=True)
class JudgingPlan:
    """The message that starts the judging process.

    Attributes:
        folder: where it works: the release's files and `assignment.toml`.
        given: the given code cells, in order.
        tests: the test cells.
        seconds: how long one test may compute.
        limits: how large claims may be.
        maps: what feedback shows.
        stored: whether the network's reference may be taken from files.
        explain: whether outcomes carry what the checks measured.
    """

    folder: str
    given: tuple[GivenCell, ...]
    tests: tuple[Test, ...]
    seconds: float
    limits: Limits
    maps: tuple[AskedMap, ...] = ()
    stored: bool = False
    explain: bool = False


@dataclass(frozen=True)
class Ready:
    """The judging process's first word: the given cells have run.

    Attributes:
        images: the images whose maps students make; None where the assignment asks for none.
        predictions: where what kernels may ask for lies, by its digest.
        layers: where each layer's activations lie, by its name.
    """

    images: MapImages | None
    predictions: Mapping[str, StoredArray] = field(default_factory=dict)
    layers: Mapping[str, StoredArray] = field(default_factory=dict)


@dataclass(frozen=True)
class CallRequest:
    """Asks for a call of a student's function; the reply is a `CallReply`.

    Attributes:
        name: of the function.
        arguments: pickled, in base 64.
    """

    name: str
    arguments: str


@dataclass(frozen=True)
class CallReply:
    """What came of a call; a sealed file with its claims follows where any were written.

    Attributes:
        written: whether there is a file.
        printed: what the call wrote to stdout.
        stopped: what it did instead of coming to an end.
    """

    written: bool
    printed: str
    stopped: str


@dataclass(frozen=True)
class ReadClaims:
    """Where the arrays lie in the file with a question's claims.

    Attributes:
        tests: the question's, by their ids.
        arrays: how many bytes each has, by where in the file it begins.
    """

    tests: tuple[str, ...]
    arrays: Mapping[int, int]


@dataclass(frozen=True)
class SubmissionMaps:
    """The judging process's last word on a submission.

    Attributes:
        maps: the submission's maps, those that could be drawn.
        lost: seconds that tests computed which came to no end in time.
    """

    maps: tuple[StudentMap, ...]
    lost: float = 0.0


@dataclass(frozen=True)
class Question:
    """The tests that look at the same answers.

    Attributes:
        tests: their ids.
        names: of the answers that were requested.
        claims: what the kernel wrote about them; None where it wrote nothing.
    """

    tests: tuple[str, ...]
    names: tuple[str, ...]
    claims: SealedFile | None


@dataclass(frozen=True)
class QuestionHeader:
    """A question on its way to the judging process; the files with the claims follow, in order.

    Attributes:
        tests: their ids.
        names: of the answers that were requested.
        written: whether there is a file.
    """

    tests: tuple[str, ...]
    names: tuple[str, ...]
    written: bool


@dataclass(frozen=True)
class QuestionHeaders:
    """The questions that are judged now.

    Attributes:
        questions: what is to be judged.
        lost: seconds that earlier tests of this submission computed which came to no end in time.
    """

    questions: tuple[QuestionHeader, ...]
    lost: float


@dataclass
class Spent:
    """What judging one submission has cost; where tests call functions, its questions are judged one after another.

    Attributes:
        failures: how often the judging process failed.
        lost: seconds that tests computed which came to no end in time.
        lost_again: the same, when they were tried once more.
    """

    failures: int = 0
    lost: float = 0.0
    lost_again: float = 0.0


@dataclass(frozen=True)
class TestOutcome:
    """The outcome of one test cell.

    Attributes:
        name: the test's id.
        ename: the exception's class; None where it raised none.
        evalue: the exception's text.
        value: the last expression as a number, where it is one.
        printed: what it printed.
        ours: True where the fault is not the student's.
        again: whether the test may well say something if it is tried once more.
        by_values: whether the cell's own lines failed on what the student assigned.
        untried: whether it was not tried at all.
        called: whether a call of a student's function failed; the text is a sentence about it then.
        evidence: what the check measured, where that was asked for.
    """

    name: str
    ename: str | None
    evalue: str
    value: float | None = None
    printed: str = ""
    ours: bool = False
    again: bool = False
    by_values: bool = False
    untried: bool = False
    called: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """The judgement of one submission: outcomes and maps.

    Attributes:
        outcomes: of each test, by id.
        maps: those that could be drawn.
        arrays: where the arrays lie in the claims of each test, by id.
    """

    outcomes: dict[str, TestOutcome]
    maps: tuple[StudentMap, ...] = ()
    arrays: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
