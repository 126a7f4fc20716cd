"""What stays and why, as rows of many verdicts each, and back.

A row names each list of reasons once and every item by the number of its list.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from purge_core.adapters.tables.codec import read_json, reading, write_json
from purge_core.adapters.tables.documents import Document, Place, Rows, spread
from purge_core.adapters.tables.keys import KEEP
from purge_core.adapters.tables.rows import ROW_TEXT, dumps, int64
from purge_core.instants import Instant
from purge_core.judgement.reasons import KeepReason
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.records.journal import RunId
from purge_core.records.step_records import Kept, KeptManifest, KeptTag

_ITEM: Final = 66
"""Characters that an item takes beside its name, at most."""


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why some items stay."""

    reasons: tuple[KeepReason, ...]


@dataclass(frozen=True, slots=True)
class _TagEntry:
    name: TagName
    why: int
    updated: Instant | None = None


@dataclass(frozen=True, slots=True)
class _ManifestEntry:
    digest: Digest
    why: int


@dataclass(frozen=True, slots=True)
class _Contents:
    """``why`` of an item is its place in ``reasons``."""

    reasons: tuple[_Reasons, ...]
    tags: tuple[_TagEntry, ...]
    manifests: tuple[_ManifestEntry, ...]


@dataclass(slots=True)
class _Batch:
    """Verdicts that become one row."""

    reasons: dict[tuple[KeepReason, ...], int] = field(default_factory=dict)
    tags: list[_TagEntry] = field(default_factory=list)
    manifests: list[_ManifestEntry] = field(default_factory=list)
    size: int = 0

    def add(self, kept: Kept) -> None:
        """Take one verdict."""
        if kept.reasons not in self.reasons:
            self.reasons[kept.reasons] = len(self.reasons)
            self.size += len(write_json(_Reasons, _Reasons(kept.reasons)))
        why = self.reasons[kept.reasons]
        match kept:
            case KeptTag(name, _, updated):
                self.tags.append(_TagEntry(name, why, updated))
                self.size += len(dumps(name)) + _ITEM
            case KeptManifest(digest):
                self.manifests.append(_ManifestEntry(digest, why))
                self.size += len(digest) + _ITEM

    @property
    def contents(self) -> _Contents:
        """All that was taken."""
        reasons = tuple(_Reasons(each) for each in self.reasons)
        return _Contents(reasons, tuple(self.tags), tuple(self.manifests))


def kept_rows(run: RunId, name: RepositoryName, attempt: int, kept: Iterable[Kept]) -> Rows:
    """Write what stays, in the order given: tags, then manifests."""
    for number, batch in enumerate(_batches(kept)):
        row = {
            "entry": KEEP,
            "run": run,
            "repository": name,
            "number": int64(number),
            "tag_count": int64(len(batch.tags)),
            "manifest_count": int64(len(batch.manifests)),
        }
        text = write_json(_Contents, batch.contents)
        yield from spread(Place(attempt, KEEP, number), row, text)


def _batches(kept: Iterable[Kept]) -> Iterator[_Batch]:
    batch = _Batch()
    for each in kept:
        batch.add(each)
        if batch.size > ROW_TEXT // 2:
            yield batch
            batch = _Batch()
    if batch.size:
        yield batch


def read_kept(document: Document) -> tuple[Kept, ...]:
    """Read the verdicts of one row.

    Raises:
        AlteredRow: the row holds none.

    """
    with reading("what stays"):
        contents: _Contents = read_json(_Contents, document.text)
        why = [each.reasons for each in contents.reasons]
        tags = (KeptTag(each.name, why[each.why], each.updated) for each in contents.tags)
        return *tags, *(KeptManifest(each.digest, why[each.why]) for each in contents.manifests)
