"""What has to stay because something that stays needs it: a fixpoint over references.

Keeps only grow, so the order of the work does not matter and every input terminates:

- what a kept manifest lists is kept;
- a referrer of a kept manifest is kept;
- a kept image keeps its signature tags, and so the manifests that these name;
- the subject of a manifest that must stay for a reason of its own is kept, since the
  registry would delete the referrer along with it.
"""

from collections.abc import Iterable

from purge_core.judgement.references import References
from purge_core.model import Digest


class Closure:
    """The growing set of manifests that stay.

    ``kept`` are all of them. ``anchored`` are those that stay for a reason other than
    their own subject's stay: only these hold their subject.
    """

    def __init__(self, references: References) -> None:
        """Start with nothing kept."""
        self._references = references
        self.kept: set[Digest] = set()
        self.anchored: set[Digest] = set()

    def anchor(self, digests: Iterable[Digest]) -> None:
        """Keep ``digests`` for reasons of their own, and all that follows from it."""
        edges = self._references
        work = [(digest, True) for digest in digests]
        while work:
            digest, anchored = work.pop()
            if anchored and digest not in self.anchored:
                self.anchored.add(digest)
                if digest in edges.subject:
                    work.append((edges.subject[digest], True))
            if digest not in self.kept:
                self.kept.add(digest)
                work.extend((child, True) for child in edges.children.get(digest, ()))
                work.extend((held, True) for held in edges.signatures.get(digest, ()))
                work.extend((r, False) for r in edges.referrers.get(digest, ()))
