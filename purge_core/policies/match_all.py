"""Whether a rule takes everything: every tag, few days old, none of the newest kept."""

from typing import Final

from purge_core.errors import PolicyError
from purge_core.instants import DAY, Span
from purge_core.policies.pattern_syntax import checked_pattern
from purge_core.policies.patterns import Anchoring, Pattern

_PROBES: Final = (
    "latest",
    "1.0",
    "v2.13.4-rc.1",
    "PR-1234",
    "_x9",
    "main_2024-01-01T10.00",
    "0a1b2c3",
    "Zq.7_k-W",
    "prod-eu",
    "k8s",
    "000",
    "QJX",
    "sha-0f3e",
)
"""Names with nothing in common: what covers them all was meant for everything."""

_SECONDS: Final = 1.0
_FRESH: Final = 30 * DAY
"""A rule that matches every tag must reach back at least this far, or keep some."""


def takes_everything(older_than: Span, keep_newest: int, tags: str) -> bool:
    """Whether a document's rule needs ``unsafe_match_all: true``."""
    return keep_newest == 0 and older_than < _FRESH and matches_every_tag(tags)


def matches_every_tag(text: str) -> bool:
    r"""Whether the pattern covers every tag: ``.*``, ``^.+$``, ``[\s\S]*``, ``[\w.-]+``.

    One that excludes something by a negative lookaround does not. Neither does one that is
    no pattern, or takes long: that is an error of its own.
    """
    try:
        return matches_all_kinds(checked_pattern(text, Anchoring.WHOLE, _SECONDS))
    except (ValueError, PolicyError):
        return False


def matches_all_kinds(pattern: Pattern) -> bool:
    """Whether a pattern finds something in names that have nothing in common."""
    if "(?!" in pattern.text or "(?<!" in pattern.text:
        return False
    return all(pattern.matches(name) for name in _PROBES)
