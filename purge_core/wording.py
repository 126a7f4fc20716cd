"""How a value from outside is quoted in a message: always short, never raw."""

from typing import Final

_LIMIT: Final = 80


def shown(text: str) -> str:
    """Quote ``text``, shortened to what fits a line, with everything unprintable escaped."""
    return repr(text if len(text) <= _LIMIT else f"{text[:_LIMIT]}...")
