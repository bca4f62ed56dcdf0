"""A PyTorch network gives the activations that forward hooks give."""

import sys

import numpy as np
import pytest

from autograder.hidden.network import BATCH_IMAGES, TrainedNetwork
from autograder.hidden.torch_network import TorchNetwork, _channels_first

pytestmark = pytest.mark.needs("PyTorch")

IMAGES = np.random.default_rng(0).random((BATCH_IMAGES + 8, 6, 6, 3), np.float32)
CODE = """
import torch
from torch import nn

class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        self.drop, self.head = nn.Dropout(0.5), nn.Sequential(nn.Flatten(), nn.Linear(144, 2))

    def forward(self, x):
        x = self.relu(self.norm(self.conv(x)))
        return self.head(self.drop(self.relu(x - 0.1)))

def load(weights):
    torch.manual_seed(3)
    return Small()
"""


@pytest.fixture
def network(tmp_path):
    """A small module; its weights are those of a seed."""
    (tmp_path / "network.py").write_text(CODE, "utf-8")
    return TorchNetwork(tmp_path / "network.py", tmp_path / "network.pt", lambda: IMAGES[:1])


def test_layers(network):
    """In the order of their calls; one that is called twice is two."""
    checked: TrainedNetwork = network
    assert checked.names == ("conv", "norm", "relu", "relu#2", "drop", "head.0", "head.1")
    assert (checked.shape("conv"), checked.shape("head.0")) == ((4, 6, 6), (144,))
    assert checked.after_dropout == {"drop", "head.0", "head.1"}


def test_outputs(network):
    """As a hook on the whole array has them, in inference mode."""
    import torch

    taken = []
    hook = network.module.get_submodule("relu").register_forward_hook(lambda *args: taken.append(args[2].numpy()))
    with torch.no_grad():
        whole = network.module(torch.tensor(np.moveaxis(IMAGES, -1, 1)))
    hook.remove()
    parts = dict(network.outputs(IMAGES, ["relu", "relu#2", "head.1"]))
    assert list(parts) == [0, BATCH_IMAGES]
    for name, values in (("relu", taken[0]), ("relu#2", taken[1]), ("head.1", whole.numpy())):
        np.testing.assert_allclose(
            np.concatenate([part[name] for part in parts.values()]), values, rtol=1e-4, atol=1e-5
        )


def test_training_mode(network):
    """Dropout is on, normalisation counts; the network is afterwards as it was."""
    before = dict(network.outputs(IMAGES, ["head.0"]))[0]["head.0"]
    trained = network.in_training(IMAGES[:BATCH_IMAGES], "head.0")
    assert not np.allclose(trained, before, atol=1e-2)
    np.testing.assert_array_equal(dict(network.outputs(IMAGES, ["head.0"]))[0]["head.0"], before)
    assert not network.module.training


def test_a_file_that_gives_no_module_is_told(tmp_path):
    """By its own error, which the log has."""
    (tmp_path / "network.py").write_text("1 / 0", "utf-8")
    with pytest.raises(ZeroDivisionError):
        TorchNetwork(tmp_path / "network.py", tmp_path / "network.pt", lambda: IMAGES).names  # noqa: B018


def test_rows_of_features_go_in_as_they_are():
    """Only images have channels."""
    assert _channels_first(np.ones((3, 5))).shape == (3, 5)
    assert _channels_first(np.ones((3, 6, 7, 2))).shape == (3, 2, 6, 7)
    assert "torch" in sys.modules
