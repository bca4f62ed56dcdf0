"""Drawing is quicker in kernels, and the picture is the same."""

import subprocess
import sys

SCRIPT = """
import base64, io
import matplotlib
matplotlib.use("agg")
from matplotlib import image, pyplot as plt
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from IPython.core.pylabtools import print_figure
import numpy as np
from PIL import Image

made = []
make = image._ImageBase._make_image
image._ImageBase._make_image = lambda self, *args, **kwargs: made.append(self) or make(self, *args, **kwargs)

def drawn():
    made.clear()
    random = np.random.default_rng(0)
    figure, axes = plt.subplots()
    axes.imshow(random.random((8, 8)), extent=(0, 0.3, 0, 0.3))
    axes.scatter(*random.random((2, 20)), marker="$7$", label="7")
    axes.add_artist(AnnotationBbox(OffsetImage(random.random((9, 9)), cmap="gray_r"), (0.6, 0.9)))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    png = base64.b64decode(print_figure(figure, base64=True))
    return np.asarray(Image.open(io.BytesIO(png))), len(made), b"<svg" in print_figure(figure, "svg").encode()

from autograder.execute.inside.drawing import draw_quickly
slow = drawn()
draw_quickly()
quick = drawn()
assert np.array_equal(slow[0], quick[0])
assert len(np.unique(quick[0].reshape(-1, 4), axis=0)) > 50
assert slow[2] and quick[2]
print(slow[1], quick[1])
"""


def test_the_picture_is_the_same_and_each_image_in_it_is_made_once():
    """Two images; matplotlib makes each of them twice for one PNG."""
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (told.stdout.split(), told.stderr) == (["4", "2"], "")
