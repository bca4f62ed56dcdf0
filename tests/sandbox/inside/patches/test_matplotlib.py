"""Drawing is quicker in kernels, and the picture is the same."""

import subprocess
import sys

SCRIPT = """
import base64, io, warnings
warnings.simplefilter("ignore")
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

def others():
    random, pictures = np.random.default_rng(1), []
    for layout in (None, "constrained", "tight"):
        figure, (left, right) = plt.subplots(1, 2, layout=layout)
        figure.colorbar(left.scatter(*random.random((2, 20)), c=random.random(20), s=90, label="points"), ax=left)
        left.legend()
        right.pcolormesh(random.random((5, 6)))
        right.annotate("far", (0.5, 0.5), (1.6, 1.2), textcoords="axes fraction", arrowprops={"arrowstyle": "->"})
        box = AnnotationBbox(OffsetImage(random.random((9, 9))), (2, 2), xybox=(60, 90), boxcoords="offset points", arrowprops={})
        right.add_artist(box)
        space = figure.add_subplot(3, 3, 5, projection="3d")
        space.scatter(*random.random((3, 9)), c=random.random(9))
        png = base64.b64decode(print_figure(figure, base64=True))
        pictures.append(np.asarray(Image.open(io.BytesIO(png))))
        plt.close(figure)
    return pictures

from autograder.sandbox.inside.patches.matplotlib import draw_quickly
slow, slow_others = drawn(), others()
draw_quickly()
quick, quick_others = drawn(), others()
assert all(map(np.array_equal, slow_others, quick_others))
assert np.array_equal(slow[0], quick[0])
assert len(np.unique(quick[0].reshape(-1, 4), axis=0)) > 50
assert slow[2] and quick[2]
print(slow[1], quick[1])
"""


def test_pictures_are_the_same_and_each_image_in_them_is_made_once():
    """Two images in the one that is counted; matplotlib makes each of them twice for one PNG."""
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (told.stdout.split(), told.stderr) == (["4", "2"], "")
