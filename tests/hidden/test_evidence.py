"""What checks note is kept where it is asked for, and costs nothing elsewhere."""

from autograder.hidden.evidence import Evidence, collect_evidence, is_collected, note


def test_notes_are_kept_while_they_are_collected():
    """Numbers become text; outside, nothing is kept."""
    note("before", 1)
    with collect_evidence() as notes:
        assert is_collected()
        note("shape", (3, 2), "right: (3, 2)")
        with collect_evidence() as inner:
            note("inside", 0.5)
    note("after", 2)
    assert not is_collected()
    assert notes == [Evidence("shape", "(3, 2)", "right: (3, 2)")]
    assert inner == [Evidence("inside", "0.5")]
