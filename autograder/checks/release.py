"""Which modules of this package a student gets: the build copies them into a release as the folder `checks`."""

from __future__ import annotations

__all__ = ["STUDENT_MODULES"]

# They import NumPy, the standard library and one another, and know nothing of a solution.
STUDENT_MODULES = (
    "__init__.py",
    "cards.py",
    "failure.py",
    "flat.py",
    "halves.py",
    "known.py",
    "plots.py",
    "public.py",
    "shapes.py",
    "sketches.py",
    "values.py",
)
