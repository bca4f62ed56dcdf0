"""The mark schemes of a source notebook, for those who mark; students never see them."""

from __future__ import annotations

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_written
from autograder.assignment.regions import parse_regions

__all__ = ["read_rubrics"]


def read_rubrics(notebook: NotebookNode) -> dict[str, str]:
    """Return the mark scheme of each written answer that has one, in Markdown, by `grade_id`."""
    written = ((grade_id(cell), parse_regions(cell.source)) for cell in notebook.cells if is_written(cell))
    schemes = {name: "\n".join(regions.inside("MARK SCHEME")).strip() for name, regions in written}
    return {name: scheme for name, scheme in schemes.items() if scheme}
