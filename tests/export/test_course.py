"""Totals over assignments: exact, with weights and without the lowest."""

from fractions import Fraction

from autograder.export.course import CourseColumn, add_up_course, course_csv

COLUMNS = (
    CourseColumn("hw1", {"ada": 0.7, "bob": 1.0}, 1.0),
    CourseColumn("hw2", {"ada": 0.1, "bob": 3.0}, 4.0),
    CourseColumn("hw3", {"ada": 1.0}, 3.0, Fraction(1), {"bob": "the grader itself failed"}),
)


def test_sums_are_exact() -> None:
    """0.7 + 0.1 + 1 is 1.8, and a third of a point counts three times as one."""
    (ada,) = add_up_course(COLUMNS, ["ada"])
    assert (ada.total, ada.out_of) == (1.8, 8.0)
    thirds = [
        CourseColumn("hw1", {"ada": 1 / 3}, 1 / 3, Fraction(3)),
        CourseColumn("hw2", {"ada": 0.7}, 1.0, Fraction(1)),
    ]
    assert add_up_course(thirds, ["ada"])[0].total == 1.7


def test_the_lowest_share_goes() -> None:
    """It is the share of an assignment's own maximum that counts, not its points: 0.7 of 1 is more than 0.1 of 4."""
    (ada,) = add_up_course(COLUMNS, ["ada"], drop=1)
    assert (ada.dropped, ada.total, ada.out_of) == (("hw2",), 1.7, 4.0)


def test_one_always_stays() -> None:
    """Who has two scores and loses two would have none."""
    (bob,) = add_up_course(COLUMNS, ["bob"], drop=2)
    assert (bob.dropped, bob.total) == (("hw2",), 1.0)


def test_who_waits_for_a_score_has_no_zero() -> None:
    """A 0 is for who handed in nothing; what the grader failed at is nobody's 0."""
    bob, eve = add_up_course(COLUMNS, ["bob", "eve"], zeros=True)
    assert (bob.missing, bob.total, bob.out_of) == (("hw3",), 4.0, 5.0)
    assert (eve.missing, eve.total, eve.out_of) == ((), 0.0, 8.0)
    assert add_up_course(COLUMNS, ["eve"])[0].total is None


def test_the_table_is_harmless_and_speaks_with_commas() -> None:
    """Names can't become formulas; decimals have the sign that was asked for; nothing known is blank."""
    rows = add_up_course((CourseColumn("hw1", {"=ada": 0.5}, 3.0),), ["=ada", "bob"])
    assert course_csv((COLUMNS[0],), rows, comma=True).decode().splitlines() == [
        "student;hw1;total;out_of;percent;dropped;missing",
        "'=ada;0,5;0,5;3;16,67;;",
        "bob;;;;;;hw1",
    ]


def test_bonus_alone_has_no_share() -> None:
    """An assignment of bonus points alone counts, and is never among the lowest."""
    columns = (CourseColumn("hw1", {"ada": 2.0}, 0.0), CourseColumn("hw2", {"ada": 3.0}, 4.0))
    (ada,) = add_up_course(columns, ["ada"], drop=1)
    assert ada.dropped == ("hw2",)
    assert "ada,2,3,2,0,," in course_csv(columns, (ada,)).decode()
