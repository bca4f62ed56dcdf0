"""One environment, told three times: pyproject.toml asks, requirements.lock answers, environment.yml repeats it for conda."""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.write_environment import render_environment

# Written in parts: this file is searched as well.
HOSTS = re.compile(r"\b(pypi|pythonhosted|npmjs|debian|anaconda)\.(org|com)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.~$}>-])/(root|home|Users|work|workspace)/\w")


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    """The table `project` of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    """The text of requirements.lock."""
    return (root / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pins(lock: str) -> list[Requirement]:
    """The lock's pins, with markers and without hashes."""
    return [Requirement(line.rstrip(" \\")) for line in lock.splitlines() if line[:1].isalnum()]


@pytest.fixture(scope="module")
def conda(root: Path) -> dict:
    """What environment.yml says."""
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def asked_for(project: dict) -> list[Requirement]:
    """Return what pyproject.toml asks for, the `dev` extra's too."""
    return [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]]


def test_lock_answers_pyproject(project: dict, pins: list[Requirement]) -> None:
    """Each requirement of pyproject.toml is pinned in the lock, at a version that it allows."""
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}
    for wanted in asked_for(project):
        assert canonicalize_name(wanted.name) in versions, f"{wanted.name} is not locked: make lock"
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), f"{wanted}: make lock"


def test_lock_names_one_version_each(pins: list[Requirement]) -> None:
    """Nobody's environment differs by its Python version: each distribution has one version, exactly pinned."""
    assert [name for name, count in Counter(pin.name for pin in pins).items() if count > 1] == []
    assert [str(pin) for pin in pins if not re.fullmatch(r"==[^*,]+", str(pin.specifier))] == []


def test_lock_has_hashes_and_nothing_else(lock: str) -> None:
    """Each pin carries at least one SHA-256, and no line names an index, an address or an option."""
    entry = r"[a-z0-9][a-z0-9.-]*==\S+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"({entry})+", lock)


def test_lock_is_installed(pins: list[Requirement]) -> None:
    """The environment that runs the tests holds what the lock says: nothing is tested against another version."""
    wanted = {pin.name: str(pin.specifier)[2:] for pin in pins if pin.marker is None or pin.marker.evaluate()}
    installed = {name: version_of(name) for name in wanted}
    assert installed == wanted


def version_of(name: str) -> str | None:
    """Return a distribution's installed version, None where it isn't installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def test_conda_has_the_same_python(project: dict, conda: dict) -> None:
    """environment.yml allows the Python versions that pyproject.toml allows."""
    assert f"python {project['requires-python']}" in conda["dependencies"]


def test_conda_has_the_same_pins(conda: dict, pins: list[Requirement]) -> None:
    """environment.yml's pip section lists the lock's pins, markers included, and no other."""
    (section,) = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    assert sorted(str(Requirement(line)) for line in section) == sorted(str(pin) for pin in pins)


def test_conda_file_is_what_make_lock_writes(root: Path, project: dict, lock: str) -> None:
    """environment.yml was written by the tool, not by hand: `make lock` would change no byte of it."""
    assert (root / "environment.yml").read_text(encoding="utf-8") == render_environment(project, lock)


def test_there_is_one_lock(root: Path) -> None:
    """No second tool's lock file stands beside requirements.lock."""
    others = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt")
    assert [name for name in others if (root / name).exists()] == []


def test_python_versions_agree(root: Path, project: dict) -> None:
    """Classifiers, Makefile and the search for a Python name the versions that `requires-python` allows."""
    allowed = [
        f"3.{minor}" for minor in range(8, 30) if SpecifierSet(project["requires-python"]).contains(f"3.{minor}.1")
    ]
    classified = [line.rpartition(" ")[2] for line in project["classifiers"] if " :: Python :: 3." in line]
    searched = re.search(r'^allowed="(.*)"', (root / "tools/find_python.sh").read_text(encoding="utf-8"), re.MULTILINE)
    targets = re.findall(r"\btest-(3\.\d+)(?=.*:.*##)", (root / "Makefile").read_text(encoding="utf-8"))
    assert classified == allowed
    assert sorted(searched[1].split()) == allowed
    assert targets == allowed


def test_no_test_is_passed_over(root: Path, pytestconfig: pytest.Config) -> None:
    """pytest and ruff look into every folder of tests and of the package: both have names that they skip, `build` among them."""
    folders = {path.parent for kind in ("tests", "autograder") for path in (root / kind).rglob("*.py")}
    skipped = [f for f in folders if any(fnmatch(f.name, pattern) for pattern in pytestconfig.getini("norecursedirs"))]
    assert skipped == []
    command = [sys.executable, "-m", "ruff", "check", "--show-files", "autograder", "tests"]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    assert {path for folder in folders for path in folder.glob("*.py")} <= {Path(line) for line in shown.splitlines()}


def test_version_heads_the_changelog(root: Path, project: dict) -> None:
    """CHANGELOG's newest release is the version that pyproject.toml names."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[(\d\S*)\]", changelog, re.MULTILINE)[1] == project["version"]


def test_every_import_is_declared(root: Path, project: dict) -> None:
    """The package imports no distribution that pyproject.toml doesn't ask for: nothing works by luck."""
    names = {module for path in (root / "autograder").rglob("*.py") for module in imported(path)}
    providers = metadata.packages_distributions()
    direct = {canonicalize_name(wanted.name) for wanted in asked_for(project)}
    undeclared = {
        name
        for name in names
        if name in providers and name != "autograder" and not {canonicalize_name(p) for p in providers[name]} & direct
    }
    assert undeclared == set()


def imported(path: Path) -> set[str]:
    """Return the top-level names that a file's import lines name."""
    return set(re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def files_in_git(root: Path) -> list[Path]:
    """Return the files that git holds or would take in: what `.gitignore` names is left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: there is no telling which files belong to the project")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def test_no_file_names_a_registry_or_a_machine(root: Path) -> None:
    """No file names a package registry's host or a path that only one machine has."""
    found = []
    for path in files_in_git(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        hits = [*HOSTS.finditer(text), *MACHINE_PATHS.finditer(text)]
        found += [f"{path.relative_to(root)}: {text[hit.start() : hit.end() + 20]!r}" for hit in hits]
    assert found == []
