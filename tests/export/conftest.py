"""What the tests of each system's file share: a request for a class list."""

from pathlib import Path
from typing import Any

import pytest

from autograder.export import ExportRequest
from tests.export.class_lists import CLASS, FILES, TITLE


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    """Make a request for a class list with these bytes."""

    def make(lms: str, data: bytes | None = None, **options: Any) -> ExportRequest:
        given = tmp_path / f"given{options.pop('suffix', '.csv')}"
        given.write_bytes(FILES[lms] if data is None else data)
        told = {"results": CLASS, "title": TITLE, "folder_name": str, "class_list": given} | options
        return ExportRequest(lms=lms, out=tmp_path / "out", **told)

    return make
