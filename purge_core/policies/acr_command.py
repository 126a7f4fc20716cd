"""A whole ``acr purge`` command line, as it stands in an ACR Task, as values."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from purge_core.errors import PolicyError, Problem
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy, clamp_concurrency
from purge_core.policies.acr_flags import FlagReader
from purge_core.policies.policy import Policy
from purge_core.registry_names import parse_registry
from purge_core.wording import shown

_COMMAND: Final = re.compile(r"\s*acr\s+purge(?:\s|$)")
_MAX_LENGTH: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrCommand:
    """What a command line says. ``None``: not said. ``notes`` are for people to read."""

    flags: AcrPurgeFlags
    registry: str | None = None
    dry_run: bool = False
    concurrency: int | None = None
    repository_page_size: int = 100
    verbose: bool = False
    notes: tuple[str, ...] = ()


def is_acr_command(text: str) -> bool:
    """Whether ``text`` is meant as an ``acr purge`` command line."""
    return _COMMAND.match(text) is not None


def parse_acr_command(line: str) -> AcrCommand:
    """Read a command line that starts with ``acr purge``, quoted as for a POSIX shell.

    Raises:
        PolicyError: with all problems of the line, those of its filters and age included.

    """
    return parse_acr_policy(line)[0]


def parse_acr_policy(line: str) -> tuple[AcrCommand, Policy]:
    """Read a command line, and what it says should be purged.

    Raises:
        PolicyError: with all problems of the line.

    """
    return read_acr_words(_words(line))


def read_acr_words(words: Iterable[str]) -> tuple[AcrCommand, Policy]:
    """Read the words of a command line after ``acr purge``, as a shell has split them.

    Raises:
        PolicyError: with all problems of the words.

    """
    reading = FlagReader()
    reading.take(words)
    command = _command(reading)
    try:
        policy = acr_policy(command.flags)
    except PolicyError as error:
        told = {problem.path for problem in reading.problems}
        more = (problem for problem in error.problems if problem.path not in told)
        raise PolicyError([*reading.problems, *more]) from None
    if reading.problems:
        raise PolicyError(reading.problems)
    registries = (command.registry,) if command.registry else ()
    return command, replace(policy, registries=registries)


def read_acr_flags(words: Iterable[str]) -> AcrCommand:
    """Read words of a command line that need not select anything by themselves.

    Raises:
        PolicyError: with all problems of the words.

    """
    reading = FlagReader()
    reading.take(words)
    command = _command(reading)
    if reading.problems:
        raise PolicyError(reading.problems)
    return command


def _words(line: str) -> list[str]:
    if not is_acr_command(line):
        raise PolicyError([Problem("command", shown(line), "a line that starts with acr purge")])
    if len(line) > _MAX_LENGTH:
        found = f"{len(line)} characters"
        raise PolicyError([Problem("command", found, f"at most {_MAX_LENGTH} characters")])
    try:
        return shlex.split(re.sub(r"\\\r?\n", " ", line))[2:]
    except ValueError as error:
        wanted = f"quotes that are closed ({error})"
        raise PolicyError([Problem("command", shown(line), wanted)]) from None


def _command(reading: FlagReader) -> AcrCommand:
    concurrency, note = _concurrency(reading)
    flags = AcrPurgeFlags(
        filters=tuple(reading.values["filter"]),
        ago=reading.text("ago"),
        keep=reading.number("keep", 0),
        untagged=reading.switch("untagged"),
        untagged_only=reading.switch("untagged-only"),
        include_locked=reading.switch("include-locked"),
        filter_timeout_seconds=reading.number("filter-timeout-seconds", 60),
    )
    return AcrCommand(
        flags=flags,
        registry=_registry(reading),
        dry_run=reading.switch("dry-run"),
        concurrency=concurrency,
        repository_page_size=_page_size(reading),
        verbose=reading.switch("verbose"),
        notes=(note,) if note else (),
    )


def _concurrency(reading: FlagReader) -> tuple[int | None, str | None]:
    if reading.text("concurrency") is None:
        return None, None
    before = len(reading.problems)
    wanted = reading.number("concurrency", 1)
    return (None, None) if len(reading.problems) > before else clamp_concurrency(wanted)


def _registry(reading: FlagReader) -> str | None:
    text = reading.text("registry")
    try:
        return None if text is None else parse_registry(text)
    except ValueError as error:
        reading.wrong("--registry", shown(text or ""), str(error))
        return None


def _page_size(reading: FlagReader) -> int:
    size = reading.number("repository-page-size", 100)
    if size <= 0:
        reading.wrong("--repository-page-size", str(size), "1 or more")
    return size
