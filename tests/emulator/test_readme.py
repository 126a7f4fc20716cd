"""The README of the development registry says what there is."""

import re
from dataclasses import fields
from pathlib import Path

import acr_emulator
from acr_emulator import Kind, Options, Scenario, Semantics
from acr_emulator.generate import Shape

README = (Path(acr_emulator.__file__).parent / "README.md").read_text()


def section(title: str) -> str:
    """The text below a heading."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def words(rows: list[str]) -> set[str]:
    """The code words in the first cells of table rows."""
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_option_is_explained() -> None:
    """And no other."""
    rows = [line for line in section("Options").splitlines() if line.startswith("| `")]
    expected = {field.name for kind in (Options, Semantics) for field in fields(kind)}
    assert words(rows) == expected


def test_every_kind_of_request_is_named() -> None:
    """But the one of its own addresses."""
    named = section("Scenario files").split("Kinds of requests:")[1]
    assert set(re.findall(r"`([a-z_]+)`", named)) == set(Kind) - {Kind.ADMIN}


def test_every_shape_is_explained() -> None:
    """All that can be generated."""
    assert set(Shape) <= set(re.findall(r"`([a-z]+)`", section("Generated registries")))


def test_the_example_scenario_is_one() -> None:
    """What is shown can be loaded and means what it says."""
    (example,) = re.findall(r"```yaml\n(.*?)```", section("Scenario files"), flags=re.DOTALL)
    registry = Scenario.parse(example).registry()
    place = registry.repositories["shop/web"]
    assert {"v1", "latest", "v2", "stable", "all", "odd"} <= set(place.tags)
    assert place.manifests[place.tags["odd"].digest].quirks is not None
    assert not place.attributes.delete


def test_every_module_is_named() -> None:
    """The list of modules is whole."""
    folder = Path(acr_emulator.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.parent.name + "/" for path in folder.glob("*/__init__.py")}
    named = set(re.findall(r"`([a-z_]+/?)`", section("Modules")))
    assert named == modules | packages
