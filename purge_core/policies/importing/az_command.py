"""``az acr run`` and ``az acr task create``: what they run, where, and when.

Source: https://learn.microsoft.com/cli/azure/acr (run; task create, update; task timer).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_COMMANDS: Final = (
    ("az", "acr", "run"),
    ("az", "acr", "task", "create"),
    ("az", "acr", "task", "update"),
    ("az", "acr", "task", "timer", "add"),
    ("az", "acr", "task", "timer", "update"),
    ("az", "acr", "task", "delete"),
)
_OPTIONS: Final = ("--cmd", "--registry", "--schedule", "--status", "--set", "--file", "--name")
_REGISTRY: Final = ("--registry", "-r")
_FIELDS: Final = 5
"""A cron schedule has as many; a name may stand before it, with a colon."""


@dataclass(frozen=True, slots=True)
class AzCommand:
    """What matters of a command; its other options do not change what is purged.

    ``values`` are those of ``--set``, by the names that the task uses them by. ``later``: it
    changes or deletes a task that is there. ``short``: an option that is not written out.
    """

    command: str | None
    registry: str | None
    schedules: tuple[str, ...]
    file: str | None
    values: Mapping[str, str]
    name: str | None
    status: str
    later: bool
    short: str | None


def read_az(words: Sequence[str]) -> AzCommand | None:
    """Read the words of a command; ``None``: it is none of these.

    ``--cmd``, ``--registry`` and ``--file`` count as the last of several, as for ``az``.
    """
    if not any(tuple(words[: len(names)]) == names for names in _COMMANDS):
        return None
    return AzCommand(
        _last(words, ("--cmd",)),
        _last(words, _REGISTRY),
        tuple(_without_name(text) for text in _all(words, ("--schedule",))),
        _last(words, ("--file", "-f")),
        {f"Values.{name}": value for name, value in map(_pair, _all(words, ("--set",)))},
        _last(words, ("--name", "-n")),
        _status(words),
        bool({"update", "delete"} & set(words[: len(_COMMANDS[0]) + 2])),
        next((word for word in words if _is_short(word)), None),
    )


def _status(words: Sequence[str]) -> str:
    """Say whether a task, or its timer, is on, as Azure says it."""
    if "--is-system-task" in words or (_last(words, ("--enabled",)) or "").lower() == "false":
        return "disabled"
    return (_last(words, ("--status",)) or _last(words, ("--enabled",)) or "enabled").lower()


def _is_short(word: str) -> bool:
    """Whether ``az`` takes a word for the beginning of an option that matters."""
    name = word.partition("=")[0]
    return (
        len(name) > len("--")
        and name not in _OPTIONS
        and (any(option.startswith(name) for option in _OPTIONS))
    )


def _all(words: Sequence[str], names: Sequence[str]) -> list[str]:
    found = []
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names and equals:
            found.append(value)
        elif word in names and index + 1 < len(words):
            found.append(words[index + 1])
    return found


def _last(words: Sequence[str], names: Sequence[str]) -> str | None:
    found = _all(words, names)
    return found[-1] if found else None


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _without_name(schedule: str) -> str:
    """Drop the name of ``nightly:0 1 * * *``."""
    name, colon, rest = schedule.partition(":")
    named = bool(colon) and len(rest.split()) == _FIELDS and re.fullmatch(r"[\w-]+", name)
    return rest if named else schedule
