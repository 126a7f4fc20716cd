"""Configuration: read from the environment once, checked as a whole, given on as values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from purge_core.errors import Problem, SettingsError
from purge_core.registry_names import parse_registry
from purge_core.wording import shown

MAX_CONCURRENCY: Final = 64
DEFAULT_CONCURRENCY: Final = 16
_SMALL: Final = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. ``None``: nothing.

    ``registry`` is used where none is named; ``trusted_hosts`` may receive an Azure
    token besides Azure's own registry domains; ``policy`` is a path, a document or an
    ``acr purge`` line, used where none is given; ``concurrency`` bounds the requests
    that are under way at once.
    """

    registry: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    policy: str | None = None
    concurrency: int = DEFAULT_CONCURRENCY

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables; an empty one counts as not set.

        Raises:
            SettingsError: with all problems at once.

        """
        reading = _Reading(environ)
        settings = cls(
            registry=reading.registry("ACR_DEFAULT_REGISTRY"),
            trusted_hosts=reading.registries("PURGE_TRUSTED_HOSTS"),
            policy=reading.text("PURGE_POLICY"),
            concurrency=reading.number("PURGE_CONCURRENCY", DEFAULT_CONCURRENCY, MAX_CONCURRENCY),
        )
        if reading.problems:
            raise SettingsError(reading.problems)
        return settings


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads variables, one by one, and collects what is wrong with them."""

    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def registry(self, name: str) -> str | None:
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
