"""Whether a mapping of a document is in force: it is, it is switched off, or it depends.

What is literally off is left out. What depends on something is no part of a policy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.policies.importing.shell.flow import CONDITION
from purge_core.wording import shown

_ASKING: Final = frozenset({"if", "condition", "enabled", "when"})
"""Keys that ask something; what their value says counts."""

_SELECTING: Final = frozenset({"rules", "only", "except", "unless", "copy", "for_each"})
"""Keys that ask, or repeat, whatever stands under them."""

_ON: Final = frozenset({"true", "always()", "success()", "succeeded()", "always", "on_success"})
_OFF: Final = frozenset({"false", "never"})
_TIMERS: Final = "timerTriggers"
KEYS: Final = _ASKING | _SELECTING | {"status", "suspend", "isSystemTask", "trigger"}
"""The keys whose values count; of ``step`` and ``schedule`` only that they are there."""


@dataclass(frozen=True, slots=True)
class Off:
    """It does not run."""


@dataclass(frozen=True, slots=True)
class Depends:
    """Whether it runs is not known here. ``why`` names the key."""

    why: str


def standing(value: Mapping[object, object]) -> Off | Depends | None:
    """Judge a mapping by its own keys; ``None``: nothing stands against it."""
    every = [_by_key(str(key), inner) for key, inner in value.items()]
    every += [_by_suspension(value), _by_timers(value)]
    if {"step", "schedule"} & value.keys():
        every.append(_by_status(value))
    system = value.get("isSystemTask")
    if system is True:
        every.append(Off())
    elif system is not None and system is not False:
        every.append(_depends("isSystemTask", system))
    known = [each for each in every if each is not None]
    return next((each for each in known if isinstance(each, Off)), known[0] if known else None)


def _by_key(key: str, value: object) -> Off | Depends | None:
    if re.match(r"\$\{\{\s*(?:if|else|elseif|each)\b", key):
        return Depends(f"{CONDITION} ({key})")
    if key == "entryPoint" and value is not None and value != "acr":
        return Depends(f"a line that is given to another program ({shown(str(value))})")
    if key == "count":
        return _by_count(value)
    if key in _SELECTING:
        return _depends(key, value) if value else None
    if key not in _ASKING or value is None or value == ["-"]:
        return None  # `when: ["-"]` of an ACR Task: at once
    said = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", str(value).strip()).lower()
    if said in _ON:
        return None
    return Off() if said in _OFF else _depends(key, value)


def _by_count(value: object) -> Off | Depends | None:
    """Judge how often something is there; in Azure's templates a mapping under it is no number."""
    if isinstance(value, str):
        return _depends("count", value)
    return Off() if value == 0 and not isinstance(value, bool) else None


def _depends(key: str, value: object) -> Depends:
    return Depends(f"{CONDITION} ({key}: {shown(str(value))})")


def _by_status(value: Mapping[object, object]) -> Off | Depends | None:
    """Judge the ``status`` of a task, or of what starts it."""
    status = value.get("status")
    if status is None:
        return None
    said = str(status).lower()
    if said in {"enabled", "disabled"}:
        return Off() if said == "disabled" else None
    return _depends("status", status)


def _by_suspension(value: Mapping[object, object]) -> Off | Depends | None:
    """Judge the ``suspend`` of a CronJob."""
    suspended = value.get("suspend")
    if suspended is None or isinstance(suspended, bool):
        return Off() if suspended else None
    return _depends("suspend", suspended)


def _by_timers(value: Mapping[object, object]) -> Off | Depends | None:
    """Judge a task by what starts it: off, if nothing of it is on."""
    trigger = value.get("trigger")
    if "step" not in value or not isinstance(trigger, Mapping) or not trigger.get(_TIMERS):
        return None
    judged = [_by_status(each) for inner in trigger.values() for each in _entries(inner)]
    if not judged or None in judged:
        return None
    return next((each for each in judged if isinstance(each, Depends)), Off())


def _entries(value: object) -> list[Mapping[object, object]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]
