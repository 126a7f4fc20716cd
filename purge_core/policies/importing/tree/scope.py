"""The variables of a document, each where it holds: of the whole, of a job, of a step.

``env`` (GitHub, Kubernetes), ``variables`` (Azure Pipelines, GitLab) and the aliases of an
ACR Task hold for the mapping that they stand in, and never for its neighbours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from purge_core.policies.importing.findings import Around
from purge_core.policies.importing.variables import Values, expanded
from purge_core.wording import shown

SCHEDULES: Final = frozenset({"schedule", "cron"})
_ZONES: Final = ("timeZone", "timezone")
_TASK: Final = re.compile(r"/registries/(?P<registry>[^/]+)/tasks/", re.IGNORECASE)
_ENVIRONMENTS: Final = ("variables", "env")
_STORE: Final = re.compile(r"GITHUB_ENV\b|##vso\[task\.setvariable", re.IGNORECASE)
_WRITTEN: Final = re.compile(
    r"(?<![\w$.-])(?P<name>[A-Za-z_]\w*)(?:=|<<)|setvariable[^\]]*?variable=(?P<task>[\w.]+)",
    re.IGNORECASE,
)
_COMPUTED: Final = re.compile(r"\$\{\{")
_WRITER: Final = "a step writes it for those after it"


def entered(value: Mapping[object, object], around: Around, given: Values) -> Around:
    """Give what holds in ``value``, which stands where ``around`` holds."""
    known, reasons = dict(around.values), dict(around.reasons)
    for name, text in _settings(value):
        known.pop(name, None)
        if text is None:
            reasons[name] = "it is set where its value is not known"
        elif _COMPUTED.search(filled := expanded(text, {**around.values, **given})):
            reasons[name] = f"it comes from {shown(filled)}"
        else:
            known[name] = filled
            reasons.pop(name, None)
    if "steps" in value:
        for name in _written(value, known):
            known.pop(name, None)
            reasons[name] = _WRITER
    return replace(_beside(value, around), values=known, reasons=reasons)


def _settings(value: Mapping[object, object]) -> Iterator[tuple[str, str | None]]:
    """Yield the variables that a mapping sets, by all the names they are called."""
    for key in _ENVIRONMENTS:
        for name, text in _pairs(value.get(key)):
            yield from ((name, text), (f"{key}.{name}", text))
    alias = value.get("alias")
    if isinstance(alias, Mapping):
        yield from _pairs(alias.get("values"))
    if isinstance(value.get("values"), list):
        yield from ((f"Values.{name}", text) for name, text in _pairs(value["values"]))


def _pairs(value: object) -> Iterator[tuple[str, str | None]]:
    """Yield names and values of a mapping, or of a list of ``{name, value}``."""
    if isinstance(value, Mapping):
        yield from ((str(name), _text(inner)) for name, inner in value.items())
    elif isinstance(value, list):
        yield from _listed(value).items()


def _listed(items: Sequence[object]) -> dict[str, str | None]:
    """Read a list of ``{name, value}``; what sets names that are not told may set any before."""
    known: dict[str, str | None] = {}
    for item in items:
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(name, str):
            known = dict.fromkeys(known)
        else:
            text = _text(item.get("value"))
            known[name] = text if known.get(name, text) == text else None
    return known


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _written(value: object, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the names that steps write for later ones; all, where it is not said which."""
    for script in _scripts(value):
        if _STORE.search(script) is None:
            continue
        names = [match["name"] or match["task"] for match in _WRITTEN.finditer(script)]
        if not all(map(_WRITTEN.search, filter(_STORE.search, script.splitlines()))):
            names += known
        for name in names:
            yield from (name, f"env.{name}", f"variables.{name}")


def _scripts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _scripts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scripts(inner)


def _beside(value: Mapping[object, object], around: Around) -> Around:
    """Take up what a mapping says of the task or the schedule in it."""
    registry = _registry(value) or around.registry
    if not SCHEDULES & value.keys():
        return replace(around, registry=registry)
    zone = next((str(value[key]) for key in _ZONES if value.get(key)), None)
    return replace(around, registry=registry, unix="jobTemplate" in value, zone=zone)


def _registry(value: Mapping[object, object]) -> str | None:
    """Find the registry in the resource id that ``az acr task show`` prints."""
    text = value.get("id")
    match = _TASK.search(text) if isinstance(text, str) else None
    return match["registry"] if match else None
