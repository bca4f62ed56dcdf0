"""Versions come out of the project's lock."""

import pytest

from autograder.compile.locks import pins, pins_for
from autograder.errors import BuildError

LOCK = """\
numpy==2.3.1 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.4.6 ; python_full_version >= '3.12' \\
    --hash=sha256:01
scikit-learn==1.9.1 \\
    --hash=sha256:02
    # via mapping-representations-autograder
"""


@pytest.fixture
def lock(tmp_path):
    """A lock with a distribution that has two versions."""
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK)
    return path


def test_a_students_requirements_keep_the_markers(lock):
    """One file serves each Python that the project supports."""
    assert pins(lock, ["numpy", "Scikit_Learn"]) == (
        'numpy==2.3.1; python_full_version < "3.12"',
        'numpy==2.4.6; python_full_version >= "3.12"',
        "scikit-learn==1.9.1",
    )


def test_a_container_gets_the_version_for_its_python(lock):
    """otter's environment file knows no markers."""
    assert pins_for(lock, ["numpy"], "3.11") == ("numpy==2.3.1",)
    assert pins_for(lock, ["numpy"], "3.12") == ("numpy==2.4.6",)


def test_a_name_that_is_not_locked_is_told(lock):
    """A release without a pin would drift."""
    with pytest.raises(BuildError, match="pandas is not in"):
        pins(lock, ["pandas"])


def test_a_missing_lock_is_told(tmp_path):
    """The tip says how to make one."""
    with pytest.raises(BuildError, match="is missing") as caught:
        pins(tmp_path / "requirements.lock", ["numpy"])
    assert "make lock" in caught.value.tip
