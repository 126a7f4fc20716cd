"""How ``acr purge`` v0.18.1 reads ``--filter``, accidents included.

The repository part is ``^...$`` around an ungrouped text, the tag part is searched anywhere,
and the filters of one repository are one text joined with ``|``.
"""

import re
from collections.abc import Iterable
from typing import Final

import regex

_INSIDE_GROUP: Final = re.compile(r"\(\?[imsU-]{0,5}$")
_INSIDE_CLASS: Final = re.compile(r"\[\^*$")


class FilterError(Exception):
    """The command ends with an error because of a filter."""


def split_filter(text: str) -> tuple[str, str]:
    """Split at the one colon that is neither in a group's flags nor in a POSIX class.

    Raises:
        FilterError: there is not exactly one such colon, or a part is empty.

    """
    colons = [at for at, character in enumerate(text) if character == ":" and _splits(text, at)]
    if len(colons) != 1:
        raise FilterError("unable to correctly parse filter flag")
    repository, tags = text[: colons[0]], text[colons[0] + 1 :]
    if not repository or not tags:
        raise FilterError("missing expression")
    return repository, tags


def _splits(text: str, at: int) -> bool:
    before = text[:at]
    inside = _INSIDE_GROUP.search(before) or _INSIDE_CLASS.search(before)
    return not inside and text[at + 1 : at + 2] != "]"


def tag_expression(filters: Iterable[str], repository: str) -> str | None:
    """Return the joined tag part for ``repository``; ``None`` when no filter names it.

    Raises:
        FilterError: a filter cannot be split, or a repository part is no expression.

    """
    parts = [split_filter(text) for text in filters]
    hits = [tags for name, tags in parts if compiled(f"^{name}$").search(repository)]
    return "|".join(hits) if hits else None


def compiled(expression: str) -> regex.Pattern[str]:
    """Compile with backtracking and ASCII classes, the nearest to what the command uses.

    Version 1 of the module: an inline flag holds from where it stands, not before.

    Raises:
        FilterError: it is no expression.

    """
    try:
        return regex.compile(expression, regex.V1 | regex.ASCII)
    except regex.error as error:
        raise FilterError(f"failed to build Regex: {error}") from None
