"""The table of systems: what uv says, told briefly; nothing here asks a package index."""

from pathlib import Path

import pytest

from tools.resolve_platforms import INTEL_MAC, PYTHONS, SYSTEMS, YES, as_promised, lacking, rendered, table

TOLD = """  x No solution found when resolving dependencies:
  Because tensorflow==2.21.0 has no wheels with a matching platform
  tag (e.g., `macosx_13_0_x86_64`) and you require it"""


@pytest.mark.parametrize(
    ("told", "wanted"),
    [(TOLD, "tensorflow"), (TOLD.replace("==2.21.0", ""), "tensorflow"), ("error: no\n index", "error: no index")],
)
def test_the_package_without_a_wheel_is_named(told: str, wanted: str) -> None:
    """However uv breaks its lines; other errors are told as they are."""
    assert lacking(told) == wanted


def test_a_system_needs_every_release() -> None:
    """The first file that can't be installed is what the table tells."""

    def one(file: Path, platform: str, python: str) -> str:
        return "no: x" if (file.name, platform, python) == ("b", "windows", "3.12") else YES

    rows = table([Path("a"), Path("b")], one)
    assert rows["Windows, 64 bit"] == [YES, "no: x", YES]
    assert rows[INTEL_MAC] == [YES] * len(PYTHONS)
    assert "| Windows, 64 bit | yes | no: x | yes |" in rendered(rows).splitlines()


def test_what_differs_from_the_page_is_an_error() -> None:
    """All but Intel Macs can install the release: a new lock that changes this has to change the pages too."""
    rows = {system: [YES if system != INTEL_MAC else "no: tensorflow"] for system in SYSTEMS}
    assert as_promised(rows)
    assert not as_promised(rows | {INTEL_MAC: [YES]})
    assert not as_promised(rows | {"Linux, aarch64": ["no: x"]})
