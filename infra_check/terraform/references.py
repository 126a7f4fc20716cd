"""What is known of a resource that other blocks refer to."""

from dataclasses import dataclass

from infra_check.deployed import Resource
from infra_check.problems import Fault
from infra_check.schemas import Schema, schemas
from infra_check.values import Unknown, Value


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource as others see it. ``exports`` are the values of it that are asked for."""

    resource: Resource
    exports: tuple[str, ...]

    def member(self, name: str, line: int) -> Value:
        """Give a member; see ``Members``."""
        known = {"id": self.resource.id, "name": self.resource.name}
        if name in known:
            return known[name]
        schema = schemas().get(self.resource.versioned)
        if name != "output" or schema is None:
            raise Fault(f"{self.resource.name} has no {name!r}", line)
        return _output(self, schema, "body", "")


def _output(of: Reference, schema: Schema, kind: str, path: str) -> Unknown:
    """Stand for a part of what a resource tells of itself."""

    def look(name: str, line: int) -> Value:
        found = schema.kind_of(kind, name)
        place = f"{path}.{name}".lstrip(".")
        if found is None:
            raise Fault(f"{of.resource.name} has no {place}", line)
        asked = (each for each in of.exports if _within(each, place) or _within(place, each))
        if next(asked, None) is None:
            raise Fault(f"response_export_values does not ask for {place}", line)
        return _output(of, schema, found, place)

    return Unknown(f"{of.resource.name}.{path}", look)


def _within(inner: str, outer: str) -> bool:
    return f"{inner}.".startswith(f"{outer}.")
