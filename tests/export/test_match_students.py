"""Rows are found by ids, then by names that are unique, and never by a guess."""

import pytest

from autograder.export.match_students import match_students, name_forms
from autograder.export.records import Person


def _person(row: int, name: str = "", also: tuple[str, ...] = (), **keys: str) -> Person:
    folded = {kind: frozenset({key.casefold()}) for kind, key in keys.items()}
    words = frozenset(name.casefold().replace(",", "").split()) | frozenset(also) if name else frozenset()
    return Person(row, name or f"row {row}", folded | {"name": name_forms(name)}, words)


ADA = _person(1, "Lovelace, Ada", number="4711", id="S001", login="ada", email="ada@uni.example")
GRACE = _person(2, "Hopper, Grace", number="4712", id="S002", login="grace")
TWIN = _person(3, "Hopper, Grace", number="4713", id="S003", login="ghopper")


@pytest.mark.parametrize(
    "student",
    [
        "ada",
        "ADA",
        "s001",
        "#S001",
        "ada@uni.example",
        "4711",
        "lovelaceada_4711",
        "Ada Lovelace_4711",
        "Group B-Ada Lovelace_4711",
        "lovelaceada_1",
        "Ada Lovelace",
        "ada.lovelace",
        "LOVELACE, ADA",
    ],
)
def test_a_student_is_found(student: str) -> None:
    """Ids of every kind, the names of every download, and plain names find the one row."""
    matches, others = match_students([student], [ADA, GRACE, TWIN])
    assert [match.person for match in matches] == [ADA]
    assert others == ()


@pytest.mark.parametrize(
    ("student", "why"),
    [
        ("nobody", "matches no row"),
        ("Grace Hopper", "matches 2 rows: Hopper, Grace (line 3), Hopper, Grace (line 4)"),
        ("turingalan_4711", "has the number of Lovelace, Ada, and another name"),
        ("ad", "matches no row"),
        ("Lovelace", "matches no row"),
        ("", "matches no row"),
    ],
)
def test_what_is_not_sure_is_told(student: str, why: str) -> None:
    """No row, two rows, or a number that belongs to another name: nothing is guessed."""
    matches, others = match_students([student], [ADA, GRACE, TWIN])
    assert matches == ()
    assert [(other.who, other.why) for other in others] == [(student, why)]


def test_two_results_for_one_row_are_both_told() -> None:
    """Neither of two results that mean the same student is chosen."""
    matches, others = match_students(["ada", "Ada Lovelace_4711", "grace"], [ADA, GRACE])
    assert [match.student for match in matches] == ["grace"]
    assert {other.who: other.why for other in others} == {
        "ada": "matches Lovelace, Ada, as 'Ada Lovelace_4711' does",
        "Ada Lovelace_4711": "matches Lovelace, Ada, as 'ada' does",
    }


def test_one_id_in_two_rows_is_told() -> None:
    """A student who is in a list twice is not filled in at random, even when the name would tell."""
    again = _person(9, "Lovelace, Ada B.", login="ada")
    matches, others = match_students(["ada"], [ADA, again])
    assert matches == ()
    assert others[0].rows == (1, 9)


def test_one_id_that_means_two_people_is_told() -> None:
    """One student's login that is another's number means neither."""
    other = _person(5, "Turing, Alan", id="ada")
    assert match_students(["ada"], [ADA, other])[0] == ()


@pytest.mark.parametrize(
    ("by", "student", "found"),
    [
        ("login", "ada", True),
        ("login", "S001", False),
        ("id", "S001", True),
        ("id", "ada", False),
        ("name", "Ada Lovelace", True),
        ("name", "ada", False),
        ("email", "ada@uni.example", True),
        ("email", "ada", True),
        ("email", "S001", False),
        ("number", "lovelaceada_4711", True),
        ("number", "ada", False),
    ],
)
def test_one_kind_alone_may_tell(by: str, student: str, found: bool) -> None:
    """With --match nothing but that kind of id counts."""
    assert bool(match_students([student], [ADA, GRACE], by)[0]) is found


def test_a_hidden_participant_is_found_by_number() -> None:
    """In a blind marking's worksheet there are no names to agree with."""
    hidden = _person(1, number="4711", id="Participant 4711")
    assert match_students(["Participant_4711"], [hidden])[0][0].person is hidden
    named = _person(1, "Ada Lovelace", also=("participant",), number="4711")
    assert match_students(["Participant_4711"], [named])[0][0].person is named


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lovelace, Ada", "lovelaceada"),
        ("Ada King Lovelace", "Lovelace, Ada King"),
        ("García Márquez, Gabriel", "garciamarquezgabriel"),
        ("王 小明", "小明王"),
        ("O'Neill, Seán", "sean_oneill"),
    ],
)
def test_a_name_has_its_forms(one: str, other: str) -> None:
    """Order, accents, signs and spaces make no other name."""
    assert name_forms(one) & name_forms(other)


def test_a_large_class_is_quick() -> None:
    """A thousand students are looked up, not compared with each other."""
    people = [_person(row, f"Person{row}, Some", login=f"login{row}") for row in range(1000)]
    matches, others = match_students([f"login{row}" for row in range(1000)], people)
    assert (len(matches), others) == (1000, ())
