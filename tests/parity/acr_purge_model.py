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
from typing import Final, Literal

from purge_core.instants import Instant
from purge_core.model import (
    Body,
    Digest,
    Lock,
    Manifest,
    RepositorySnapshot,
    Tag,
    TagName,
    Unread,
)
from tests.parity.acr_ago import AgoError, parse_ago
from tests.parity.acr_filters import FilterError, compiled, tag_expression
from tests.truth import after, with_referrers

PAGE: Final = 100
_OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_LISTS: Final = {_OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"}
_ASKED_FOR_SUBJECT: Final = {
    _OCI_INDEX,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.artifact.manifest.v1+json",
}


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


class _Ended(Exception):
    """The program ends here: an error, or a crash."""

    def __init__(self, why: str, tags: Iterable[TagName] = ()) -> None:
        self.tags = frozenset(tags)
        super().__init__(why)


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
    except _Ended as end:
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
            raise _Ended("panic: a tag without time or attributes", deleted)
        eligible = [t for t in page if _tag_may_go(t, flags, cutoff)]
        kept = min(flags.keep - spared, len(eligible))
        spared += kept
        deleted += [t.name for t in eligible[kept:]]
    yield from deleted


def _tag_may_go(tag: Tag, flags: Flags, cutoff: Instant) -> bool:
    old = tag.updated is not None and tag.updated < cutoff
    return old and (flags.include_locked or not _closed(tag.lock))


def _closed(lock: Lock | None) -> bool:
    return lock is not None and lock.closed


# --- manifests -------------------------------------------------------------------


def _purge_manifests(
    state: RepositorySnapshot,
    tags: frozenset[TagName],
    flags: Flags,
    cutoff: Instant,
    lists_elsewhere: Collection[Digest],
) -> Purged:
    try:
        dangling = _Dangling(state, flags, cutoff, lists_elsewhere).find()
    except _Ended as end:
        return Purged(tags=tags, error=str(end))
    newest_first = sorted(dangling, key=lambda m: (-(m.updated or 0), m.digest))
    asked = frozenset(m.digest for m in newest_first[flags.keep :])
    gone = with_referrers(state, asked)
    along = {t.name for t in state.tags if t.digest in gone}
    return Purged(tags | along, gone, asked)


class _Dangling:
    """The search for manifests that may go: candidates, less those to be ignored."""

    def __init__(
        self,
        state: RepositorySnapshot,
        flags: Flags,
        cutoff: Instant,
        lists_elsewhere: Collection[Digest],
    ) -> None:
        self._state = state
        self._flags = flags
        self._cutoff = cutoff
        self._types = {m.digest: m.media_type for m in state.manifests or ()}
        self._lists_elsewhere = lists_elsewhere
        self._tagged = {t.digest for t in state.tags}
        self._ignored: set[Digest] = set()

    def find(self) -> list[Manifest]:
        """Return the candidates that nothing ignores.

        A manifest that is ignored already is passed over; that changes nothing here, since
        whoever ignored it has followed its children.
        """
        unlocked = [
            m
            for m in self._state.manifests or ()
            if self._flags.include_locked or not _closed(m.lock)  # B1
        ]
        candidates = [m for m in unlocked if not self._protected(m)]
        for manifest in unlocked:
            if self._protected(manifest):
                self._ignore_children_of_protected(manifest)
            else:
                self._look_for_subject(manifest)
        return [m for m in candidates if m.digest not in self._ignored]

    def _protected(self, manifest: Manifest) -> bool:
        tagged = manifest.digest in self._tagged or bool(manifest.tags)
        return tagged or manifest.updated is None or manifest.updated > self._cutoff

    def _ignore_children_of_protected(self, manifest: Manifest) -> None:
        if manifest.media_type is None or manifest.media_type in _LISTS:
            body = self._body(manifest.digest)
            if body is not Unread.GONE:
                self._ignore(body.children)

    def _look_for_subject(self, manifest: Manifest) -> None:
        """Ignore what has no type or is a referrer; but B2, and B4 in types not asked for."""
        if manifest.media_type is None:
            self._ignored.add(manifest.digest)
        elif manifest.media_type in _ASKED_FOR_SUBJECT:
            body = self._body(manifest.digest)
            if body is Unread.GONE:
                self._ignored.add(manifest.digest)
            elif body.subject is not None:
                children = body.children if manifest.media_type == _OCI_INDEX else ()
                if children:
                    self._ignore(children)  # B2
                else:
                    self._ignored.add(manifest.digest)

    def _ignore(self, digests: Iterable[Digest]) -> None:
        """Ignore ``digests`` and, below those that are lists, all that they name."""
        work = list(digests)
        while work:
            digest = work.pop()
            if digest in self._ignored:
                continue
            self._ignored.add(digest)
            if self._is_list(digest):
                body = self._body(digest) if digest in self._types else Unread.GONE
                if body is Unread.GONE:
                    raise _Ended(f"nested index {digest} not found")  # B5
                work.extend(body.children)

    def _is_list(self, digest: Digest) -> bool:
        return self._types.get(digest) in _LISTS or digest in self._lists_elsewhere

    def _body(self, digest: Digest) -> Body | Literal[Unread.GONE]:
        state = self._state.bodies.get(digest)
        if state is None:
            raise ValueError(f"the body of {digest} is not known")
        if state is Unread.FAILED or state is Unread.GARBAGE:
            raise _Ended(f"manifest {digest} cannot be read")
        return state
