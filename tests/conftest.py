"""What every test may count on: plots without a screen, a quiet TensorFlow, the environment's programs on PATH."""

import os
import signal
import sys
from pathlib import Path

import pytest

os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# nbgrader finds `alembic` on PATH, and a kernel's `python` is looked for there too.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
# A shell starts what runs in the background deaf to Ctrl-C, and every process of a test would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return Path(__file__).parent.parent
