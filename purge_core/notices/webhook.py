"""Who is told, of what, and in which shape: the webhook as it is set."""

import re
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

_LONGEST: Final = 4_096
_EXPECTED: Final = (
    "an https URL without user, password or fragment (http only to this machine itself)"
)
_REFERENCE: Final = re.compile(r"@Microsoft\.KeyVault\([^()]*\)")


class Event(Enum):
    """Why somebody is told; of one run several may hold."""

    DELETED = "deleted"
    HELD = "held"
    REFUSED = "refused"
    """A limit or a guard refused a repository."""
    FAILED = "failed"
    """The run or a repository failed; a step failed, was denied or was not reached; or a look
    back found damage, or could not tell."""


class Format(Enum):
    """The shape in which a receiver takes a notice."""

    JSON = "json"
    TEAMS = "teams"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to send notices, in which shape, and of what.

    ``url`` is a secret: whoever has it can send. ``None``: nobody is told. It may be a Key Vault
    reference that Azure has not resolved, which nothing can be sent to: see ``is_reference``.
    """

    url: str | None = field(default=None, repr=False)
    format: Format = Format.JSON
    events: tuple[Event, ...] = tuple(Event)

    @property
    def told_of(self) -> frozenset[Event]:
        """Of what somebody is told."""
        return frozenset() if self.url is None else frozenset(self.events)


def parse_webhook(text: str) -> str:
    """Check the address of a webhook.

    Raises:
        ValueError: it is none that a notice may be sent to; the message does not repeat it.

    """
    if is_reference(text):
        return text
    try:
        parts = urlsplit(text)
        fits = _is_plain(text, parts) and (parts.scheme == "https" or _is_near(parts))
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(_EXPECTED)
    return text


def parse_events(text: str) -> tuple[Event, ...]:
    """Read of what somebody wants to be told, separated by commas.

    Raises:
        ValueError: a word is no event.

    """
    known = {event.value: event for event in Event}
    words = [word.strip() for word in text.split(",")]
    if not all(word in known for word in words):
        raise ValueError(f"some of {', '.join(known)}, separated by commas")
    return tuple(event for event in Event if event.value in words)


def is_reference(url: str) -> bool:
    """Whether this is the name of a secret, which Azure puts in the place of one it cannot read.

    Source: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
    """
    return _REFERENCE.fullmatch(url) is not None


def _is_plain(text: str, parts: SplitResult) -> bool:
    clean = text.isascii() and text.isprintable() and not set(' "<>\\^`{|}#') & set(text)
    fits = clean and len(text) <= _LONGEST and parts.port != 0
    return fits and bool(parts.hostname) and "@" not in parts.netloc


def _is_near(parts: SplitResult) -> bool:
    """Whether it is http to this machine itself."""
    if parts.scheme != "http":
        return False
    host = parts.hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
