"""Cards show what a check has to say, and are taken for nothing else."""

import pytest

from autograder.checks.cards import Card


def test_a_card_escapes_what_students_write():
    """Student text is hostile: it is shown, never interpreted."""
    html = Card("failed", '`<script>alert(1)</script>` & "x"', ("<b>",))._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<code>&lt;script&gt;" in html
    assert "<code>" not in Card("failed", "an `odd backtick")._repr_html_()


@pytest.mark.parametrize("status", ["passed", "failed", "skipped"])
def test_no_card_reads_as_a_number(status):
    """nbgrader takes a result that float() accepts as partial credit."""
    with pytest.raises(ValueError, match="could not convert"):
        float(repr(Card(status, "1.0")))
