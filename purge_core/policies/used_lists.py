"""Where a list of the images in use may be: a file, or an https URL without a password."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from purge_core.durations import parse_duration

SOURCE_PATTERN: Final = (
    r"^(?:https://[^\s/?#@]+(?:[/?][^\s#]*)?|(?!\s)(?!.*://)[^\x00-\x1f\x7f]*\S)$"
)
"""Also valid in a JSON Schema."""

_LONGEST: Final = 4_096
_EXPECTED: Final = "the path of a file, or an https URL (without user, password or fragment)"


def is_url(source: str) -> bool:
    """Whether the list is fetched; a file otherwise."""
    return "://" in source


def check_source(text: str) -> None:
    """Check where a list is said to be.

    Raises:
        ValueError: it can be neither a file nor a URL of the kind that is fetched.

    """
    if not 1 <= len(text) <= _LONGEST or not text.isprintable() or text != text.strip():
        raise ValueError(_EXPECTED)
    if is_url(text) and not _is_fit(text):
        raise ValueError(_EXPECTED)


def check_max_age(text: str) -> None:
    """Check that a list can be young enough at all.

    Raises:
        ValueError: no list ever is.

    """
    if parse_duration(text) == 0:
        raise ValueError("a duration longer than 0, such as 1d")


def source_shown(source: str) -> str:
    """Name a source in a message, without the query of a URL: it may be a secret."""
    if not is_url(source):
        return source
    bare = source.partition("?")[0]
    return bare if bare == source else f"{bare}?..."


def _is_fit(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return _has_all(parts) and parts.port != 0
    except ValueError:
        return False


def _has_all(parts: SplitResult) -> bool:
    plain = "@" not in parts.netloc and not parts.fragment and " " not in parts.geturl()
    return parts.scheme == "https" and bool(parts.hostname) and plain
