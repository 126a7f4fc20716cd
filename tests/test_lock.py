"""The locked dependencies: complete, in agreement, and free of any package registry's name."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
RUNTIME, LOCK, WORKER = "requirements.txt", "requirements-dev.txt", "requirements-worker.txt"

Pins = dict[str, frozenset[str]]


def pins(file: str) -> Pins:
    """Return every pinned requirement of a lock file (marker included) with its hashes."""
    logical_lines = (ROOT / file).read_text().replace("\\\n", " ").splitlines()
    found = {}
    for line in logical_lines:
        if line and not line.startswith("#"):
            requirement, *hashes = line.split("--hash=")
            found[requirement.strip()] = frozenset(h.strip() for h in hashes)
    return found


def declared(section: str) -> list[Requirement]:
    """Return the requirements that pyproject.toml declares, of one group or of the project."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = {"project": document["project"]["dependencies"], **document["dependency-groups"]}
    return [Requirement(text) for text in lists[section]]


def environment(python: str) -> dict[str, str]:
    """Return the marker environment of Azure's build machine with the given Python."""
    return {
        **{name: str(value) for name, value in default_environment().items()},
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
    }


def installed(file: str, python: str) -> dict[str, str]:
    """Return name and version of what pip installs from a lock file on the given Python."""
    requirements = [Requirement(text) for text in pins(file)]
    return {
        canonicalize_name(r.name): str(r.specifier).removeprefix("==")
        for r in requirements
        if r.marker is None or r.marker.evaluate(environment(python))
    }


def test_runtime_pins_agree_with_the_lock() -> None:
    """What the cloud installs is what the tests ran with: same versions, markers and hashes."""
    assert pins(RUNTIME).items() <= pins(LOCK).items()


@pytest.mark.parametrize("file", [RUNTIME, LOCK, WORKER])
def test_every_pin_is_exact_and_hashed(file: str) -> None:
    """A lock names one version, and the files that it may come as."""
    for text, hashes in pins(file).items():
        assert re.fullmatch(r"==[\w.!+]+", str(Requirement(text).specifier)), text
        assert hashes, text
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), text


@pytest.mark.parametrize("file", [RUNTIME, LOCK, WORKER])
def test_no_registry_is_named(file: str) -> None:
    """The lock works with any mirror, so it names none."""
    assert not re.search(r"://|index-url|find-links|trusted-host| @ ", (ROOT / file).read_text())


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("section", "file"), [("project", RUNTIME), ("project", LOCK), ("dev", LOCK)]
)
def test_every_declared_dependency_is_locked(section: str, file: str, python: str) -> None:
    """Each dependency of pyproject.toml is locked, within its range, on every supported Python."""
    locked = installed(file, python)
    for requirement in declared(section):
        if requirement.marker is None or requirement.marker.evaluate(environment(python)):
            assert locked[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize(("python", "major"), [("3.11", "1"), ("3.12", "1"), ("3.13", "2")])
def test_azure_functions_follows_the_python(python: str, major: str) -> None:
    """The Functions library has one release line up to Python 3.12 and another from 3.13 on."""
    assert installed(RUNTIME, python)["azure-functions"].split(".")[0] == major


def test_nothing_for_development_reaches_the_cloud() -> None:
    """The runtime lock holds no test tool."""
    assert not {"pytest", "hypothesis", "trustme", "uv"} & installed(RUNTIME, "3.13").keys()


def test_the_worker_is_locked_alone() -> None:
    """The cloud's runtime is pinned by itself; what it needs is in the lock."""
    assert list(installed(WORKER, "3.13")) == ["azure-functions-runtime"]
    assert {"azure-functions", "azurefunctions-extensions-base"} <= installed(LOCK, "3.13").keys()


@pytest.mark.parametrize(("folder", "package"), [("azurite", "azurite"), ("axe", "axe-core")])
def test_npm_is_locked_without_a_registry(folder: str, package: str) -> None:
    """Every npm package has a hash, and none says where it must come from."""
    document = json.loads((ROOT / "tools" / folder / "package-lock.json").read_text())
    packages = {path: package for path, package in document["packages"].items() if path}
    assert f"node_modules/{package}" in packages
    assert [path for path, package in packages.items() if "resolved" in package] == []
    assert [path for path, package in packages.items() if "integrity" not in package] == []
