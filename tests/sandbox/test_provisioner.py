"""Kernels can be forked for anything that starts kernels: nbclient runs on the provisioner unchanged."""

import asyncio
import json

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import forkserver, provisioner

pytestmark = pytest.mark.needs("bubblewrap")


@pytest.fixture
def manager(plan, monkeypatch, tmp_path):
    """A kernel manager that finds a kernelspec on disk, which asks for the provisioner by its registered name."""
    monkeypatch.setitem(forkserver.Forkserver.__init__.__kwdefaults__, "modules", ("numpy",))
    config = {"provisioner_name": "autograder-fork", "config": {"release": str(plan.release)}}
    spec = {"argv": [], "display_name": "forked", "language": "python", "metadata": {"kernel_provisioner": config}}
    (tmp_path / "forked").mkdir()
    (tmp_path / "forked" / "kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(tmp_path)])
    yield AsyncKernelManager(kernel_spec_manager=specs, kernel_name="forked")
    provisioner._stack.close()
    provisioner._servers.clear()


@pytest.mark.filterwarnings("default")  # nbclient and jupyter_client leave loops and sockets to the garbage collector
def test_nbclient_runs_a_notebook_on_it(manager):
    """A notebook runs in a forked kernel in the sandbox, which is gone afterwards."""
    notebook = new_notebook(
        cells=[new_code_cell("import os\nprint(os.getpid(), os.getuid(), open('data.txt').read())")]
    )
    NotebookClient(notebook, km=manager).execute(cleanup_kc=True)
    assert notebook.cells[0].outputs == [
        nbformat.from_dict({"output_type": "stream", "name": "stdout", "text": "2 65534 data\n\n"})
    ]
    assert not asyncio.run(manager.is_alive()) if manager.has_kernel else True
