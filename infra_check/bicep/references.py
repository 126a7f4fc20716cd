"""What is known of a resource that other declarations refer to."""

from dataclasses import dataclass

from infra_check.deployed import Resource
from infra_check.problems import Fault
from infra_check.schemas import Schema, schemas
from infra_check.values import Unknown, Value


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource as others see it: its id and name, and by its schema what it will have."""

    resource: Resource

    def member(self, name: str, line: int) -> Value:
        """Give a member; see ``Members``."""
        known = {"id": self.resource.id, "name": self.resource.name, "type": self.resource.type}
        if name in known:
            return known[name]
        schema = schemas().get(self.resource.versioned)
        if schema is None:
            return Unknown(f"{self.resource.name}.{name}")
        return _typed(schema, "body", self.resource.name).member(name, line)


def _typed(schema: Schema, kind: str, text: str) -> Unknown:
    """Make an unknown value of a type; asking it for what its type lacks is a fault."""

    def look(name: str, line: int) -> Value:
        found = schema.kind_of(kind, name)
        if found is None:
            raise Fault(f"{text} has no {name!r}", line)
        return _typed(schema, found, f"{text}.{name}")

    return Unknown(text, look)
