"""Which manifests without a tag ``acr purge`` v0.18.1 finds to delete; part of the model."""

from collections.abc import Collection, Iterable
from typing import Final, Literal

from purge_core.instants import Instant
from purge_core.model import Body, Digest, Lock, Manifest, RepositorySnapshot, TagName, Unread

_OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_LISTS: Final = {_OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"}
_ASKED_FOR_SUBJECT: Final = {
    _OCI_INDEX,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.artifact.manifest.v1+json",
}


class Ended(Exception):
    """The program ends here: an error, or a crash."""

    def __init__(self, why: str, tags: Iterable[TagName] = ()) -> None:
        self.tags = frozenset(tags)
        super().__init__(why)


def closed(lock: Lock | None) -> bool:
    """Tell whether a lock is known and closed."""
    return lock is not None and lock.closed


class Dangling:
    """The search for manifests that may go: candidates, less those to be ignored."""

    def __init__(
        self,
        state: RepositorySnapshot,
        cutoff: Instant,
        lists_elsewhere: Collection[Digest],
        *,
        include_locked: bool,
    ) -> None:
        self._state = state
        self._include_locked = include_locked
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
            if self._include_locked or not closed(m.lock)  # B1
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
                    raise Ended(f"nested index {digest} not found")  # B5
                work.extend(body.children)

    def _is_list(self, digest: Digest) -> bool:
        return self._types.get(digest) in _LISTS or digest in self._lists_elsewhere

    def _body(self, digest: Digest) -> Body | Literal[Unread.GONE]:
        state = self._state.bodies.get(digest)
        if state is None:
            raise ValueError(f"the body of {digest} is not known")
        if state is Unread.FAILED or state is Unread.GARBAGE:
            raise Ended(f"manifest {digest} cannot be read")
        return state
