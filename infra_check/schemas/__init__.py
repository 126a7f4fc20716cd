"""The vendor's schemas: which properties resources have, their types, which must or cannot be set.

``vendor.json`` comes from the vendor's package (see ``infra_check.refresh``), ``documented.json``
holds the types that the package does not answer for. Per type and version they hold named objects,
``body`` first: ``is`` are the properties, ``more`` is the type of any further one; ``by``, ``base``
and ``one`` belong to an object of several shapes. A property is written as marks and type: ``!``
must be set, ``=`` is read only.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra_check.values import Unknown, Value

FILES: Final = ("vendor.json", "documented.json")
_PRIMITIVES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "int": int,
    "bool": bool,
    "any": object,
}
_SEPARATOR: Final = " | "


@cache
def schemas() -> Mapping[str, "Schema"]:
    """Give the schemas by type and version."""
    found: dict[str, Schema] = {}
    for file in FILES:
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        for name, objects in json.loads(text)["resources"].items():
            found[name] = Schema(objects)
    return found


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of one type of resource in one version."""

    objects: Mapping[str, Any]

    def misfits(self, body: Value) -> Iterator[str]:
        """Say what is wrong with the body of a resource."""
        return self._object(body, self.objects["body"], "")

    def kind_of(self, kind: str, name: str) -> str | None:
        """Give the type of a property, of an object of some type; ``None``: it has none such.

        What is not known is ``any``.
        """
        if kind not in self.objects:
            return "any"
        part = self.objects[kind]
        if "more" in part:
            return str(part["more"])
        groups = [part.get("is", {}), part.get("base", {}), *part.get("one", [])]
        found = [group[name] for group in groups if name in group]
        return found[0].partition(" ")[2] if found else None

    def _fits(self, value: Value, kind: str, where: str) -> Iterator[str]:
        if isinstance(value, Unknown):
            return
        if kind.endswith("[]"):
            yield from self._list(value, kind.removesuffix("[]"), where)
        elif kind in self.objects:
            yield from self._object(value, self.objects[kind], where)
        elif kind in _PRIMITIVES:
            wrong = kind == "int" and isinstance(value, bool)
            if wrong or not isinstance(value, _PRIMITIVES[kind]):
                yield f"{where} is {_seen(value)}, not of type {kind}"
        else:
            yield from self._choice(value, kind, where)

    def _choice(self, value: Value, kind: str, where: str) -> Iterator[str]:
        """Hold a value to the names of an enumeration, also where further ones may come."""
        choices = kind.split(_SEPARATOR)
        if any(each in self.objects for each in choices):
            return
        if value not in choices:
            named = [each for each in choices if each not in _PRIMITIVES]
            yield f"{where} is {_seen(value)}, not one of {', '.join(named)}"

    def _list(self, value: Value, kind: str, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where} is {_seen(value)}, not a list"
            return
        for number, item in enumerate(value):
            yield from self._fits(item, kind, f"{where}[{number}]")

    def _object(self, value: Value, part: Mapping[str, Any], where: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{where} is {_seen(value)}, not an object"
            return
        properties = _shape(value, part)
        for name, item in value.items():
            place = f"{where}.{name}".lstrip(".")
            if name in properties or "more" in part:
                yield from self._property(item, properties.get(name, f" {part.get('more')}"), place)
            else:
                yield f"{place} does not exist{_meant(name, properties)}"
        for name, text in properties.items():
            if "!" in text.partition(" ")[0] and value.get(name) is None:
                yield f"{where}.{name} is missing".lstrip(".")

    def _property(self, value: Value, text: str, where: str) -> Iterator[str]:
        marks, _, kind = text.partition(" ")
        if "=" in marks:
            yield f"{where} is read only"
        elif value is not None:
            yield from self._fits(value, kind, where)


def _shape(value: Mapping[str, Value], part: Mapping[str, Any]) -> Mapping[str, str]:
    """Give the properties of an object, of the shape that its discriminator names."""
    if "by" not in part:
        properties: Mapping[str, str] = part["is"]
        return properties
    by, chosen = part["by"], value.get(part["by"])
    fitting = [one for one in part["one"] if one[by].partition(" ")[2] == chosen]
    return {**part["base"], **(fitting or part["one"])[0]}


def _seen(value: Value) -> str:
    return repr(value) if isinstance(value, str | int | bool | None) else type(value).__name__


def _meant(name: str, properties: Mapping[str, str]) -> str:
    lowered = {known.lower(): known for known in properties}
    close = difflib.get_close_matches(name.lower(), lowered, 1)
    return f"; {lowered[close[0]]} does" if close else ""
