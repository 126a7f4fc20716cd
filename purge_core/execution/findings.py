"""What a comparison of a step with what is seen came to."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Found(Enum):
    """What a comparison found."""

    AS_PLANNED = "as planned"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Finding:
    """The comparison of one step; ``detail`` says in words what changed."""

    found: Found
    detail: str = ""


def first_of(texts: Iterator[str]) -> Finding | None:
    """Turn the first difference into a finding."""
    text = next(texts, None)
    return None if text is None else Finding(Found.CHANGED, text)
