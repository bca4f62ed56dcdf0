"""The assignment's files decide which framework computes the network."""

import subprocess
import sys

from autograder.assignment.policy import read_policy
from autograder.hidden.keras_network import KerasNetwork
from autograder.hidden.network import load_network


def test_keras(root):
    """Structure and weights are Keras's."""
    assert isinstance(load_network(read_policy(root / "source" / "mapping_representations")), KerasNetwork)


def test_no_framework_is_imported_before_it_is_needed(root):
    """Who has the values already loads none."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom autograder.hidden.judge import Judge\n"
        f"Judge.load(folder=Path({str(root)!r}) / 'source' / 'mapping_representations')\n"
        "print([name for name in ('tensorflow', 'keras', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"[]"
