"""Locks: the four switches that a repository, a tag and a manifest each have of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from acr_emulator.errors import invalid

_FIELDS = {
    "deleteEnabled": "delete",
    "writeEnabled": "write",
    "readEnabled": "read",
    "listEnabled": "list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What is allowed: everything, unless said otherwise. To be had from `attributes()`."""

    delete: bool = True
    write: bool = True
    read: bool = True
    list: bool = True

    @property
    def locked(self) -> bool:
        """Whether a DELETE is refused."""
        return not (self.delete and self.write)

    def wire(self) -> dict[str, object]:
        """The JSON form, keys in the order of the real registry."""
        return _wire(self)


@cache
def _wire(value: Attributes) -> dict[str, object]:
    """Kept, since lists write it for every item; readers copy before they change it."""
    return {name: getattr(value, field) for name, field in _FIELDS.items()}


@cache
def attributes(
    *,
    delete: bool = True,
    write: bool = True,
    read: bool = True,
    list: bool = True,  # noqa: A002  the registry's word
) -> Attributes:
    """The one shared value with these switches: a large registry refers to it a million times."""
    return Attributes(delete=delete, write=write, read=read, list=list)


OPEN = attributes()
"""Everything allowed."""


def patched(current: Attributes, document: object) -> Attributes:
    """The switches after a PATCH with this JSON document. Raises RegistryAnswer (400)."""
    if not isinstance(document, Mapping):
        raise invalid("INVALID_REQUEST", "the body is not a JSON object")
    changes = {
        field: document[name] for name, field in _FIELDS.items() if document.get(name) is not None
    }
    if not all(isinstance(value, bool) for value in changes.values()):
        raise invalid("INVALID_REQUEST", "changeable attributes are true or false")
    changed = replace(current, **changes)
    return attributes(
        delete=changed.delete, write=changed.write, read=changed.read, list=changed.list
    )
