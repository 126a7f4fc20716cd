"""What ``acr purge`` v0.18.1 really deletes in one repository, its defects included.

An independent model: it is written from the observed behaviour of that program, and shares
nothing with the engine but the values of a snapshot. Letters like B1 are its known defects:

- B1: a locked index is passed over before its children are protected;
- B2: an untagged OCI index with a subject goes while its children stay;
- B3: ``--keep`` can keep an index and take its children;
- B4: an ORAS artifact goes though its subject lives;
- B5: a nested index that answers 404 ends the run;
- B6: the repository part of a filter is not grouped, the tag part is searched anywhere;
- B9: a tag without a time or without attributes crashes the program;
- B10: ``--keep`` counts tags (signatures too) over all filters, and manifests once more.

Not modelled: the dry run (it deletes nothing), concurrency, and errors of a DELETE.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from purge_core.instants import Instant
from purge_core.model import Digest, RepositorySnapshot, Tag, TagName
from tests.parity.acr_ago import AgoError, parse_ago
from tests.parity.acr_dangling import Dangling, Ended, closed
from tests.parity.acr_filters import FilterError, compiled, tag_expression
from tests.truth import after, with_referrers

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags that decide what is deleted, as they stand in a command line."""

    filters: tuple[str, ...] = ()
    ago: str = ""
    keep: int = 0
    untagged: bool = False
    untagged_only: bool = False
    include_locked: bool = False


@dataclass(frozen=True, slots=True)
class Purged:
    """What is gone from the registry afterwards, and the error that ended the run, if any.

    ``asked`` are the manifests that a DELETE named; the others went along with one.
    """

    tags: frozenset[TagName] = frozenset()
    manifests: frozenset[Digest] = frozenset()
    asked: frozenset[Digest] = frozenset()
    error: str | None = None


def acr_purge(
    state: RepositorySnapshot,
    flags: Flags,
    now: Instant,
    lists_elsewhere: Collection[Digest] = (),
) -> Purged:
    """Run the model on one repository whose bodies are all known.

    ``lists_elsewhere`` are digests that no listing shows and that a descriptor calls an index.

    Raises:
        ValueError: the program would read a body that ``state`` does not hold.

    """
    try:
        expression = _expression(flags, state.name)
        cutoff = Instant(now - parse_ago(flags.ago))
        if not flags.ago and not flags.untagged_only:
            return Purged(error="--ago is required when not using --untagged-only")
        if expression is None:
            return Purged()
        tags = frozenset[TagName]()
        if not flags.untagged_only:
            tags = frozenset(_purge_tags(state.tags, expression, flags, cutoff))
    except (AgoError, FilterError) as error:
        return Purged(error=str(error))
    except Ended as end:
        return Purged(tags=end.tags, error=str(end))
    if not (flags.untagged or flags.untagged_only):
        return Purged(tags=tags)
    return _purge_manifests(after(state, tags, ()), tags, flags, cutoff, lists_elsewhere)


def _expression(flags: Flags, repository: str) -> str | None:
    """Return the tag expression, or ``None`` when the repository is not concerned."""
    if flags.untagged_only and not flags.filters:
        return ".*"
    return tag_expression(flags.filters, repository)


def _purge_tags(
    tags: Iterable[Tag], expression: str, flags: Flags, cutoff: Instant
) -> Iterator[TagName]:
    """Page through the tags, newest first, deleting page by page; one counter for all."""
    pattern = compiled(expression)
    order = sorted(tags, key=lambda t: -(t.updated or 0))
    spared, deleted = 0, list[TagName]()
    for start in range(0, len(order), PAGE):
        page = [t for t in order[start : start + PAGE] if pattern.search(t.name)]
        if any(t.updated is None or t.lock is None for t in page):
            raise Ended("panic: a tag without time or attributes", deleted)
        eligible = [t for t in page if _tag_may_go(t, flags, cutoff)]
        kept = min(flags.keep - spared, len(eligible))
        spared += kept
        deleted += [t.name for t in eligible[kept:]]
    yield from deleted


def _tag_may_go(tag: Tag, flags: Flags, cutoff: Instant) -> bool:
    old = tag.updated is not None and tag.updated < cutoff
    return old and (flags.include_locked or not closed(tag.lock))


def _purge_manifests(
    state: RepositorySnapshot,
    tags: frozenset[TagName],
    flags: Flags,
    cutoff: Instant,
    lists_elsewhere: Collection[Digest],
) -> Purged:
    try:
        dangling = Dangling(
            state, cutoff, lists_elsewhere, include_locked=flags.include_locked
        ).find()
    except Ended as end:
        return Purged(tags=tags, error=str(end))
    newest_first = sorted(dangling, key=lambda m: (-(m.updated or 0), m.digest))
    asked = frozenset(m.digest for m in newest_first[flags.keep :])
    gone = with_referrers(state, asked)
    along = {t.name for t in state.tags if t.digest in gone}
    return Purged(tags | along, gone, asked)
