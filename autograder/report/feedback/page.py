"""Write a student's feedback: an HTML page that loads nothing, and shows no hidden test or solution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_blank, is_test, is_written, points_of
from autograder.assignment.misplaced import difference_of
from autograder.checks.meanings import NEIGHBOURS
from autograder.files import write_file
from autograder.lateness import late_in_words, noteworthy, time_in_words
from autograder.model import (
    CheckResult,
    MapImages,
    Mark,
    StudentMap,
    SubmissionResult,
    exercise_of,
    exercise_title,
)
from autograder.report.feedback.map_figures import STAY, MapPair, draw_maps, library
from autograder.report.notebook_view import shown_cells
from autograder.report.pictures import Picture, own_pictures
from autograder.report.templates import fill_template
from autograder.report.thumbnails import LegendEntry, legend
from autograder.report.written_text import WrittenText, answers_of
from autograder.totals import add_up, exact_sum, late_penalty, subtract, total_of

__all__ = [
    "ChangedCell",
    "Exercise",
    "PageContext",
    "WrittenAnswer",
    "changed_cells",
    "exercises",
    "render_page",
    "write_page",
]

_STATUS_WORDS = {"passed": "holds", "failed": "not yet", "skipped": "not looked at", "error": "needs a person"}


@dataclass(frozen=True)
class WrittenAnswer:
    """One answer in words.

    Attributes:
        name: its cell's `grade_id`.
        points: the most that a person may give for it.
        texts: what the student wrote, in the answer's cell and elsewhere.
        blank: whether the cell was left as it was given, and no words stand near it.
        mark: what the gradebook says of it; None where it doesn't.
    """

    name: str
    points: float
    texts: tuple[WrittenText, ...]
    blank: bool
    mark: Mark | None = None

    @property
    def state(self) -> str:
        """What is to be said of it: "marked", "waiting" for a person, or "blank"."""
        if self.mark is not None and self.mark.typed is not None:
            return "marked"
        return "blank" if self.blank else "waiting"


@dataclass(frozen=True)
class ChangedCell:
    """A given cell that the student changed, and that was put back.

    Attributes:
        name: its `grade_id`.
        lines: the difference, each line with its sign: "+", "-" or a space.
    """

    name: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PageContext:
    """What a page shows besides the result and the notebook.

    Attributes:
        maps: its maps.
        images: what the maps are of; None where nobody knows.
        marks: its written answers in the gradebook, marked or not.
    """

    maps: tuple[StudentMap, ...] = ()
    images: MapImages | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """What belongs together on a page: the cells whose names begin alike.

    Attributes:
        heading: such as "Exercise 2".
        checks: the machine's results.
        answers: what a person marks.
        pictures: what the student drew.
        maps: the maps that were handed in, beside the grader's.
        unanswered: whether nothing that the machine checks was begun.
        bonus: the names of the checks and answers whose points are bonus.
    """

    heading: str
    checks: tuple[CheckResult, ...]
    answers: tuple[WrittenAnswer, ...]
    pictures: tuple[Picture, ...]
    maps: tuple[MapPair, ...] = ()
    unanswered: bool = False
    bonus: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """The points that the machine gave."""
        return exact_sum(check.score for check in self.checks)

    @property
    def max_score(self) -> float:
        """The points that the machine could give."""
        return exact_sum(check.max_score for check in self.checks)

    @property
    def all_bonus(self) -> bool:
        """Whether all of its points are bonus."""
        return {one.name for one in self.checks}.union(one.name for one in self.answers) <= set(self.bonus)


@dataclass(frozen=True)
class write_page:  # noqa: N801 (it is called like a function, and sent to the process that writes)
    """Writes students' pages for an assignment with that title.

    Attributes:
        title: the assignment's, as people read it.
    """

    title: str

    def __call__(self, result: SubmissionResult, executed: NotebookNode | None, path: Path, **context: Any) -> None:
        """Write the page whole or not at all; `context` are the fields of `PageContext`."""
        write_file(path, render_page(self.title, result, executed, PageContext(**context)))


def render_page(
    title: str, result: SubmissionResult, executed: NotebookNode | None, context: PageContext | None = None
) -> str:
    """Return a student's page.

    Args:
        title: the assignment's, as people read it.
        result: what the machine says.
        executed: the executed notebook, hidden tests in it; None when nothing ran.
        context: what else the page shows.
    """
    context = context or PageContext()
    maps = draw_maps(context.maps, context.images)
    shown = exercises(result, executed, context.marks, maps.pairs)
    answers = [answer for exercise in shown for answer in exercise.answers]
    reached = total_of(result, context.marks)
    penalty = late_penalty(reached, result.late)
    return fill_template(
        "feedback",
        "feedback",
        [library(), STAY, maps.script] if maps.script else (),
        title=title,
        result=result,
        exercises=shown,
        changed=changed_cells(executed),
        cells=shown_cells(executed),
        images=context.images,
        legend=_named(legend(context.images)),
        neighbours=NEIGHBOURS,
        purposes=_purposes(executed),
        marked=[mark for mark in context.marks if mark.typed is not None],
        marks=context.marks,
        checked=total_of(result),
        given=add_up(context.marks, result.bonus),
        reached=reached,
        penalty=penalty,
        left=subtract(reached.points, penalty),
        late=noteworthy(result.late),
        late_words=late_in_words,
        moment=time_in_words,
        waiting=sum(answer.state == "waiting" for answer in answers),
        words=_STATUS_WORDS,
    )


def _named(entries: tuple[LegendEntry, ...]) -> tuple[LegendEntry, ...]:
    """Return what a legend has to explain: nothing where the signs are the names themselves."""
    return entries if any(entry.sign != entry.name for entry in entries) else ()


def exercises(
    result: SubmissionResult,
    executed: NotebookNode | None,
    marks: tuple[Mark, ...] = (),
    maps: tuple[MapPair, ...] = (),
) -> tuple[Exercise, ...]:
    """Return what the page shows, in the order of the exercises' names.

    Args:
        result: its checks are named by `grade_id`, such as `ex2_map`; what stands before the `_` is the exercise.
        executed: the executed notebook; None when nothing ran.
        marks: of written answers.
        maps: the maps, drawn; each stands with the check that is about it.
    """
    checks, answers, pictures = result.checks, _answers(executed, marks), own_pictures(executed)
    names = sorted({exercise_of(cell) for cell in [*(c.name for c in checks), *(a.name for a in answers)]})
    groups = [
        Exercise(
            exercise_title(name),
            tuple(check for check in checks if exercise_of(check.name) == name),
            tuple(answer for answer in answers if exercise_of(answer.name) == name),
            tuple(picture for picture in pictures if exercise_of(picture.cell) == name),
            tuple(pair for pair in maps if exercise_of(pair.drawn.check) == name),
            unanswered=name in result.unanswered,
            bonus=result.bonus,
        )
        for name in names
    ]
    others = tuple(picture for picture in pictures if exercise_of(picture.cell) not in names)
    return (*groups, Exercise("Pictures from cells of your own", (), (), others)) if others else tuple(groups)


def _answers(executed: NotebookNode | None, marks: tuple[Mark, ...]) -> tuple[WrittenAnswer, ...]:
    """Return the written answers of a notebook, with what people gave for them."""
    by_name = {mark.name: mark for mark in marks}
    cells = executed.cells if executed is not None else ()
    texts = answers_of(cells)
    return tuple(
        WrittenAnswer(name, float(points_of(cell)), texts[name], is_blank(cell), by_name.get(name))
        for cell in cells
        if is_written(cell) and (name := grade_id(cell))
    )


def changed_cells(executed: NotebookNode | None) -> tuple[ChangedCell, ...]:
    """Return the given cells of a notebook that the student changed."""
    return tuple(
        ChangedCell(grade_id(cell), tuple((line[:1], line[2:]) for line in lines))
        for cell in (executed.cells if executed is not None else ())
        if (lines := difference_of(cell))
    )


def _purposes(executed: NotebookNode | None) -> dict[str, str]:
    """Return what each test is about, by its first line.

    Only lines that begin with `# Points:` or `# Bonus:` stand in the student's copy too. Any other may be hidden.
    """
    purposes = {}
    for cell in executed.cells if executed is not None else ():
        if is_test(cell):
            about = re.match(r"# (?:Points|Bonus): *(.+)", cell.source)
            if about is not None:
                text = about[1].strip()
                purposes[grade_id(cell)] = text[:1].upper() + text[1:]
    return purposes
