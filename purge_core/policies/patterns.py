"""Patterns of repository and tag names: compiled once, matched under a time limit.

The ``regex`` module, version 0 behaviour, ASCII classes: lookaround, ``(?i:...)``,
``(?P<n>...)`` and POSIX classes work, and every match can be given a time limit, which
the standard library cannot. Backtracking is what ``acr purge`` users write for.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import regex

from purge_core.errors import PolicyError, Problem

DEFAULT_TIMEOUT: Final = 60.0
"""Seconds that one match may take; the default of ``acr purge``."""

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/")


class Anchoring(Enum):
    """How much of a name a pattern has to cover."""

    WHOLE = "whole"
    """The whole name, and alternatives are grouped: ``a|b`` is ``^(?:a|b)$``."""
    ANYWHERE = "anywhere"
    """Any part of the name, as in the tag part of an ``acr purge`` filter."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. Build it with ``compile_pattern``."""

    text: str
    anchoring: Anchoring
    timeout: float
    compiled: regex.Pattern[str] = field(compare=False, repr=False)

    def matches(self, name: str) -> bool:
        """Say whether the pattern covers ``name``.

        Raises:
            PolicyError: the match took longer than the time limit.

        """
        whole = self.anchoring is Anchoring.WHOLE
        match = self.compiled.fullmatch if whole else self.compiled.search
        try:
            return match(name, timeout=self.timeout) is not None
        except TimeoutError:
            found = f"more than {self.timeout:g} s on {name!r}"
            wanted = "a pattern without catastrophic backtracking"
            raise PolicyError([Problem(f"pattern {self.text!r}", found, wanted)]) from None

    @property
    def literal(self) -> str | None:
        """The one name that the pattern covers, where it is plainly a name."""
        whole = self.anchoring is Anchoring.WHOLE
        plain = bool(self.text) and _PLAIN.issuperset(self.text)
        return self.text if whole and plain else None


def compile_pattern(
    text: str,
    anchoring: Anchoring = Anchoring.WHOLE,
    timeout: float = DEFAULT_TIMEOUT,
) -> Pattern:
    r"""Compile ``text``; ``$`` means strictly the end, never before a last newline.

    Raises:
        ValueError: ``text`` is not a regular expression; the message says why.

    """
    try:
        compiled = regex.compile(text, regex.V0 | regex.ASCII)
    except regex.error as error:
        raise ValueError(str(error)) from None
    return Pattern(text, anchoring, timeout, compiled)
