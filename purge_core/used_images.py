"""Lists of the images that something runs, read strictly: wholly, or not at all.

A half-read list would protect half of what runs. So whatever is no reference to an image is
an error, and so is a list that names nothing.

Source of the grammar: https://github.com/distribution/reference
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from purge_core.durations import format_duration
from purge_core.instants import TICKS_PER_SECOND, Instant, Span
from purge_core.model import Digest, RepositoryName, TagName, UsedNames
from purge_core.wording import shown

MAX_BYTES: Final = 16 * 1024 * 1024
"""A list that is longer is no list of images in use."""

_MOST_PROBLEMS: Final = 10
_AHEAD: Final = Span(300 * TICKS_PER_SECOND)
"""So far may another clock be ahead of ours."""
_SECOND: Final = TICKS_PER_SECOND

_WORD: Final = re.compile(r"[^\s,]+")
_DIGEST: Final = r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE: Final = re.compile(
    rf"""(?:(?P<host>
            (?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|localhost|\[[0-9A-Fa-f:]+\])(?::[0-9]{{1,5}})?
            |[A-Za-z0-9-]+:[0-9]{{1,5}})/)?
        (?P<path>{_PART}(?:/{_PART})*)
        (?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}}))?
        (?:@(?P<digest>{_DIGEST}))?""",
    re.ASCII | re.VERBOSE,
)
_BARE: Final = re.compile(_DIGEST, re.ASCII)
_PREFIXES: Final = ("docker-pullable://", "docker://")
_EXPECTED: Final = "an image such as contoso.azurecr.io/shop/web:v1 or ...@sha256:<64 hex digits>"


@dataclass(frozen=True, slots=True)
class UsedImages:
    """What is in use of one registry, by repository.

    ``anywhere`` are digests that were named without a repository: they are in use in each.
    ``references`` counts the distinct references read, ``others`` those of them that name
    other registries.
    """

    repositories: Mapping[RepositoryName, UsedNames] = field(default_factory=dict)
    anywhere: Mapping[Digest, str] = field(default_factory=dict)
    references: int = 0
    others: int = 0

    def of(self, repository: RepositoryName) -> UsedNames:
        """Give what is in use of one repository."""
        used: dict[TagName | Digest, str] = {**self.repositories.get(repository, {})}
        for digest, reference in self.anywhere.items():
            used.setdefault(digest, reference)
        return used

    @property
    def here(self) -> int:
        """How many references may name something of this registry."""
        return self.references - self.others


NOTHING_USED: Final = UsedImages()
"""For a policy that names no list."""


def parse_used_images(text: str, host: str) -> UsedImages:
    """Read a list: references apart by white space or commas, or a JSON array of them.

    ``host`` is the registry's login server; what names another is counted, and no more.

    Raises:
        ValueError: it names nothing, or something in it is no reference to an image.

    """
    problems: list[str] = []
    found: dict[str, re.Match[str] | None] = {}
    for place, word in _words(text):
        bare = _unprefixed(word)
        match = _REFERENCE.fullmatch(bare)
        if match is None and _BARE.fullmatch(bare) is None:
            problems.append(f"{place}: found {shown(word)}")
        else:
            found[bare] = match
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        told = "; ".join(problems[:_MOST_PROBLEMS]) + (f"; and {more:,} more" if more > 0 else "")
        raise ValueError(f"{told}; expected {_EXPECTED}")
    if not found:
        raise ValueError("it names no image at all")
    return _collected(found, host.lower())


def merged(lists: Iterable[UsedImages]) -> UsedImages:
    """Give what any of ``lists`` names."""
    repositories: dict[RepositoryName, UsedNames] = {}
    anywhere: dict[Digest, str] = {}
    references = others = 0
    for each in lists:
        anywhere |= each.anywhere
        for name, used in each.repositories.items():
            repositories[name] = {**repositories.get(name, {}), **used}
        references += each.references
        others += each.others
    return UsedImages(repositories, anywhere, references, others)


def require_young(written: Instant, max_age: Span, now: Instant) -> None:
    """Check that a list still tells what runs.

    Raises:
        ValueError: it is older than ``max_age``, or from the future.

    """
    if written > now + _AHEAD:
        raise ValueError(f"it is dated {_told(written - now)} ahead of the clock")
    if now - written > max_age:
        allowed = format_duration(max_age)
        raise ValueError(f"it is {_told(now - written)} old, and its max_age is {allowed}")


def _told(ticks: int) -> str:
    """Write a time to the second."""
    return format_duration(Span(max(ticks // _SECOND, 1) * _SECOND))


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Give every entry and where it stands."""
    if text.lstrip()[:1] == "[" and text.lstrip()[1:].lstrip()[:1] in ('"', "]", ""):
        yield from _json_words(text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        for word in _WORD.findall(line):
            yield f"line {number}", word


def _json_words(text: str) -> Iterator[tuple[str, str]]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it begins like a JSON array and is none: {error}") from None
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, str):
            raise ValueError(f"entry {number} of the JSON array is no string")  # noqa: TRY004
        yield f"entry {number}", entry


def _unprefixed(word: str) -> str:
    """Take off what container runtimes put before an image's id."""
    for prefix in _PREFIXES:
        if word.startswith(prefix):
            return word.removeprefix(prefix)
    return word


def _collected(found: Mapping[str, re.Match[str] | None], host: str) -> UsedImages:
    """Sort references by repository; of several that name the same, the first by name counts."""
    repositories: dict[RepositoryName, dict[TagName | Digest, str]] = {}
    anywhere: dict[Digest, str] = {}
    others = 0
    for text in sorted(found):
        match = found[text]
        if match is None:
            anywhere[Digest(text)] = text
        elif (match["host"] or "").lower() != host:
            others += 1
        else:
            names = repositories.setdefault(RepositoryName(match["path"]), {})
            for name in _named(match):
                names.setdefault(name, text)
    return UsedImages(repositories, anywhere, len(found), others)


def _named(match: re.Match[str]) -> Iterator[TagName | Digest]:
    """Give the tag and the digest of a reference; without either the tag is ``latest``."""
    if match["digest"] is not None:
        yield Digest(match["digest"])
    if match["tag"] is not None or match["digest"] is None:
        yield TagName(match["tag"] or "latest")
