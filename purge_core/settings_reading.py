"""Variables of the environment, read strictly one by one, their problems collected."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeVar

from purge_core.durations import parse_duration
from purge_core.errors import Problem
from purge_core.instants import Span
from purge_core.registry_names import parse_registry
from purge_core.wording import shown

Choice = TypeVar("Choice", bound=Enum)
Value = TypeVar("Value")

_SMALL: Final = re.compile("[0-9]{1,9}")
_PERCENT: Final = re.compile("([0-9]{1,3})%")


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads variables and collects what is wrong with them; an empty one is not set."""

    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """Read a text."""
        return self.environ.get(name, "").strip() or None

    def need(self, name: str, *others: str) -> None:
        """Require that this variable, or one of the ``others``, is set."""
        if not any(map(self.text, (name, *others))):
            self.problems.append(Problem(name, "nothing", "a value: the app needs it"))

    def registry(self, name: str) -> str | None:
        """Read the name of one registry."""
        return next(iter(self._registries(name, [self.text(name) or ""])), None)

    def registries(self, name: str) -> tuple[str, ...]:
        """Read a list, separated by commas."""
        return self._registries(name, (self.text(name) or "").split(","))

    def number(self, name: str, default: int, most: int) -> int:
        """Read a whole number from 1 to ``most``."""
        text = self.text(name)
        if text is None:
            return default
        if not _SMALL.fullmatch(text) or not 1 <= int(text) <= most:
            self._wrong(name, text, f"a whole number from 1 to {most}")
            return default
        return int(text)

    def switch(self, name: str) -> bool:
        """Read true or false; not set is false."""
        text = self.text(name)
        if text not in (None, "true", "false"):
            self._wrong(name, text or "", "true or false")
        return text == "true"

    def percentage(self, name: str, default: float, most: int) -> float:
        """Read a share from 0% to ``most`` percent; 20% is 0.2."""
        text = self.text(name)
        if text is None:
            return default
        written = _PERCENT.fullmatch(text)
        if written is None or int(written[1]) > most:
            self._wrong(name, text, f"a percentage from 0% to {most}%")
            return default
        return int(written[1]) / 100

    def choice(self, name: str, default: Choice) -> Choice:
        """Read a member of an enumeration, by its value."""
        text = self.text(name)
        members = {str(member.value): member for member in type(default)}
        if text is None:
            return default
        if text not in members:
            self._wrong(name, text, " or ".join(members))
        return members.get(text, default)

    def duration(self, name: str, default: Span) -> Span:
        """Read a length of time that is not zero."""
        text = self.text(name)
        if text is None:
            return default
        try:
            span = parse_duration(text)
        except ValueError as error:
            self._wrong(name, text, str(error))
            return default
        if not span:
            self._wrong(name, text, "a duration of more than nothing")
        return span

    def parsed(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Read what ``parse`` makes of a text; it raises ``ValueError`` saying what it expects."""
        text = self.text(name)
        try:
            return default if text is None else parse(text)
        except ValueError as error:
            self._wrong(name, text or "", str(error))
            return default

    def secret(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        """Read as ``parsed`` does, but never repeat what was found."""
        text = self.text(name)
        try:
            return None if text is None else parse(text)
        except ValueError as error:
            self.problems.append(Problem(name, "something else (not shown)", str(error)))
            return None

    def _registries(self, name: str, entries: list[str]) -> tuple[str, ...]:
        found = []
        for entry in filter(None, map(str.strip, entries)):
            try:
                found.append(parse_registry(entry))
            except ValueError as error:
                self._wrong(name, entry, str(error))
        return tuple(found)

    def _wrong(self, name: str, found: str, expected: str) -> None:
        self.problems.append(Problem(name, shown(found), expected))
