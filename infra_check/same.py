"""Compares the two variants: what Bicep would deploy is what Terraform would apply."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from infra_check.deployed import Deployed, Resource
from infra_check.values import Unknown, Value

_COME_BY_THEMSELVES: Final = {
    "Microsoft.Storage/storageAccounts/queueServices",
    "Microsoft.Storage/storageAccounts/tableServices",
}
"""Bicep has to name them as parents; Terraform refers to them by id."""
_NOT_COMPARED: Final = {"name", "location", "tags"}
_TOKEN: Final = re.compile(
    r"(?<=-)[0-9a-z]{13}\b|(?<=stpurge)[0-9a-z]{13}|(?<=\()[0-9a-z]{13}(?=\))"
)
_GUID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
"""One that follows from a text, as opposed to that of a built-in role."""

Named = dict[str, list[str]]


def differences(bicep: Deployed, terraform: Deployed) -> Iterator[tuple[Resource | None, str]]:
    """Say what one of them has, and the other has not, or otherwise."""
    ours, theirs = _named(bicep), _named(terraform)
    for key in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(key, []), theirs.get(key, [])
        if len(here) != len(there):
            yield _any(terraform, key), f"{key}: {len(there)} of them, and {len(here)} in Bicep"
        elif sorted(here) != sorted(there):
            one, other = next(
                p for p in zip(sorted(here), sorted(there), strict=True) if p[0] != p[1]
            )
            yield _any(terraform, key), f"{key} is not as in Bicep: {_apart(other, one)}"


def _named(deployed: Deployed) -> Named:
    found: Named = {}
    for each in deployed.resources:
        if not each.existing and each.type not in _COME_BY_THEMSELVES:
            body = {n: v for n, v in each.body.items() if n not in _NOT_COMPARED and v}
            found.setdefault(_key(each), []).append(_plain(repr(_sorted(body))))
    return found


def _key(each: Resource) -> str:
    return f"{each.versioned} {_plain(each.name)} in {_plain(each.scope.split('/')[-1])}"


def _any(deployed: Deployed, key: str) -> Resource | None:
    return next((each for each in deployed.resources if _key(each) == key), None)


def _plain(text: str) -> str:
    """Leave out what is made up differently: tokens, and GUIDs as names."""
    return _TOKEN.sub("(token)", _GUID.sub("(guid)", text))


def _sorted(value: Value) -> Value:
    """Bring members into an order, and leave out those that are null."""
    if isinstance(value, Mapping):
        return {n: _sorted(value[n]) for n in sorted(value) if value[n] is not None}
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    return f"<{value.text}>" if isinstance(value, Unknown) else value


def _apart(here: str, there: str) -> str:
    """Show where two texts part."""
    at = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), 0)
    return f"...{here[max(0, at - 30) : at + 40]}... for ...{there[max(0, at - 30) : at + 40]}..."
