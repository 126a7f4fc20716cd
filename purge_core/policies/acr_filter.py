"""One ``--filter`` of ``acr purge``: a repository pattern, a colon, a tag pattern."""

from typing import Final, NamedTuple

from purge_core.policies.pattern_syntax import checked_pattern, outside_groups
from purge_core.policies.patterns import Anchoring
from purge_core.policies.policy import Selector

_MAX_LENGTH: Final = 40_000


class Filter(NamedTuple):
    """The two regular expressions of a filter, as they were written."""

    repository: str
    tag: str


def parse_filter(text: str) -> Filter:
    """Split a filter at its one colon outside groups and character classes.

    Raises:
        ValueError: there is not exactly one, or a part is empty; says what is expected.

    """
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"at most {_MAX_LENGTH} characters")
    colons = outside_groups(text, ":")
    if len(colons) != 1:
        raise ValueError(
            "repository:tag, two regular expressions with exactly one colon between them "
            f"(outside groups and classes there are {len(colons)})"
        )
    repository, tag = text[: colons[0]], text[colons[0] + 1 :]
    if not repository:
        raise ValueError("a repository pattern before the colon (.* stands for every one)")
    if not tag:
        raise ValueError("a tag pattern after the colon (.* stands for every one)")
    return Filter(repository, tag)


def compile_filter(text: str, timeout: float) -> Selector:
    """Compile a filter: whole repository name, any part of the tag name.

    Every filter is compiled by itself, so an inline flag such as ``(?i)`` ends with it.
    ``timeout`` is in seconds per match.

    Raises:
        ValueError: it is not a filter; says what is expected.

    """
    repository, tag = parse_filter(text)
    try:
        whole = checked_pattern(repository, Anchoring.WHOLE, timeout)
    except ValueError as error:
        raise ValueError(f"before the colon: {error}") from None
    try:
        return Selector(whole, checked_pattern(tag, Anchoring.ANYWHERE, timeout))
    except ValueError as error:
        raise ValueError(f"after the colon: {error}") from None


def wildcard_hint(repository: str) -> str | None:
    """Say what was probably meant by a pattern that is valid but reads like a wildcard.

    ``team/*`` as a regular expression is ``team`` with any number of slashes. Meant for
    the message that a filter matched no repository.
    """
    if not repository.endswith("*") or repository.endswith((".*", "]*", ")*", r"\*")):
        return None
    meant = f"{repository[:-1]}.*"
    return f"{repository!r} repeats its last character; for any ending write {meant!r}"
