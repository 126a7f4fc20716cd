"""Whether a mapping of a document is in force: it is, it is switched off, or it depends.

What is literally off is left out. What depends on something is no part of a policy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.policies.importing.shell_flow import CONDITION

_ASKING: Final = frozenset({"if", "condition", "enabled", "when"})
"""Keys that ask something; what their value says counts."""

_SELECTING: Final = frozenset({"rules", "only", "except", "unless", "copy"})
"""Keys that ask, or repeat, whatever stands under them."""

_ON: Final = frozenset({"true", "always()", "success()", "succeeded()", "always", "on_success"})
_OFF: Final = frozenset({"false", "never"})
_TIMERS: Final = "timerTriggers"


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
    every += [_by_status(value), _by_suspension(value)]
    if value.get("isSystemTask") is True or _timers_are_off(value):
        return Off()
    known = [each for each in every if each is not None]
    return next((each for each in known if isinstance(each, Off)), known[0] if known else None)


def _by_key(key: str, value: object) -> Off | Depends | None:
    if re.match(r"\$\{\{\s*(?:if|else|elseif|each)\b", key):
        return Depends(f"{CONDITION} ({key})")
    if key in _SELECTING:
        return Depends(f"{CONDITION} ({key})") if value else None
    if key not in _ASKING or value is None or value == ["-"]:
        return None  # `when: ["-"]` of an ACR Task: at once
    said = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", str(value).strip()).lower()
    if said in _ON:
        return None
    return Off() if said in _OFF else Depends(f"{CONDITION} ({key})")


def _by_status(value: Mapping[object, object]) -> Off | Depends | None:
    """Judge the ``status`` of a task, or of a timer."""
    status = value.get("status")
    if status is None or not ({"step", "schedule"} & value.keys()):
        return None
    said = str(status).lower()
    if said in {"enabled", "disabled"}:
        return Off() if said == "disabled" else None
    return Depends(f"{CONDITION} (status)")


def _by_suspension(value: Mapping[object, object]) -> Off | Depends | None:
    """Judge the ``suspend`` of a CronJob."""
    suspended = value.get("suspend")
    if suspended is None or isinstance(suspended, bool):
        return Off() if suspended else None
    return Depends(f"{CONDITION} (suspend)")


def _timers_are_off(value: Mapping[object, object]) -> bool:
    """Whether nothing starts a task by itself any more."""
    trigger = value.get("trigger")
    if "step" not in value or not isinstance(trigger, Mapping) or not trigger.get(_TIMERS):
        return False
    every = [each for inner in trigger.values() for each in _entries(inner)]
    return all(str(each.get("status")).lower() == "disabled" for each in every)


def _entries(value: object) -> list[Mapping[object, object]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]
