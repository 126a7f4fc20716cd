"""What a deployment would ask Azure for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from infra_check.problems import Problem
from infra_check.values import Value

SUBSCRIPTION: Final = "/subscriptions/11111111-1111-1111-1111-111111111111"
"""Into which everything is deployed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as it would be asked for. ``existing``: it is only referred to.

    ``scope`` is the id of what it belongs to. ``api`` is the version of its interface. ``file``
    and ``line`` say where it is declared.
    """

    type: str
    api: str
    name: str
    scope: str
    body: Mapping[str, Value]
    existing: bool
    file: str
    line: int

    @property
    def id(self) -> str:
        """The id that it would have."""
        return resource_id(self.scope, self.type, self.name)

    @property
    def versioned(self) -> str:
        """The type and its version, as schemas are named."""
        return f"{self.type}@{self.api}"

    def at(self, path: str) -> Value:
        """Give the value at a path such as ``properties.siteConfig``; ``None``: there is none."""
        value: Value = self.body
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


def resource_id(scope: str, kind: str, name: str) -> str:
    """Make the id of a resource in a scope: a child's id follows that of its parent."""
    if kind == "Microsoft.Resources/resourceGroups":
        return f"{scope}/resourceGroups/{name}"
    namespace, *kinds = kind.split("/")
    if len(kinds) > 1 and f"/providers/{namespace}/{kinds[0]}/" in scope:
        return f"{scope}/{kinds[-1]}/{name}"
    return f"{scope}/providers/{kind}/{name}"


@dataclass(frozen=True, slots=True)
class Deployed:
    """All that one deployment would ask for, and what it would tell."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Value]

    def of(self, kind: str) -> list[Resource]:
        """Give the resources of a type that it makes."""
        return [each for each in self.resources if each.type == kind and not each.existing]


def settings_of(site: Resource) -> dict[str, Value]:
    """Give the app settings of a function app by name."""
    listed = site.at("properties.siteConfig.appSettings")
    pairs = listed if isinstance(listed, Iterable) else ()
    return {str(each["name"]): each["value"] for each in pairs if isinstance(each, Mapping)}


@dataclass(slots=True)
class Findings:
    """What was found while files were worked out."""

    resources: list[Resource] = field(default_factory=list)
    problems: set[Problem] = field(default_factory=set)
