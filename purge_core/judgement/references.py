"""Who names whom inside one repository: indexes and children, referrers and subjects.

Only edges between manifests that are listed are followed. An edge to something that
is not listed is remembered as missing (a child) or as an orphan's subject; a cycle is
remembered as such. Building and every look-up is linear in manifests and edges.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.model import Body, Digest, RepositorySnapshot, TagName

Edges = Mapping[Digest, tuple[Digest, ...]]

_SIGNATURE: Final = re.compile(r"(sha256)-([0-9a-f]{64})\.(?:sig|att|sbom)", re.ASCII)


def signed_image(tag: TagName) -> Digest | None:
    """Give the digest in a signature tag (cosign's scheme), else ``None``."""
    match = _SIGNATURE.fullmatch(tag)
    return Digest(f"{match[1]}:{match[2]}") if match else None


@dataclass(frozen=True, slots=True)
class References:
    """The edges of one repository. A digest without edges is in none of the mappings.

    ``family`` leads from a referrer to the subject at the end of its chain of subjects;
    ``signatures`` leads from an image to the manifests that its signature tags name.
    """

    listed: frozenset[Digest]
    children: Edges
    parents: Edges
    subject: Mapping[Digest, Digest]
    referrers: Edges
    signatures: Edges
    orphans: Mapping[Digest, Digest]
    missing: Edges
    family: Mapping[Digest, Digest]
    cyclic: frozenset[Digest]

    def root(self, digest: Digest) -> Digest:
        """Give the subject at the end of the chain: what the registry deletes it with."""
        return self.family.get(digest, digest)


def read_references(snapshot: RepositorySnapshot) -> References:
    """Collect the edges that the snapshot's bodies and signature tags hold.

    A digest that a tag names and the manifest listing leaves out counts as a manifest:
    what is hidden from listings can still list children.
    """
    listed = frozenset(m.digest for m in snapshot.manifests or ())
    hidden = {t.digest for t in snapshot.tags if t.digest not in listed and t.digest}
    nodes = listed | hidden if hidden else listed
    children: dict[Digest, tuple[Digest, ...]] = {}
    missing: dict[Digest, tuple[Digest, ...]] = {}
    subject: dict[Digest, Digest] = {}
    orphans: dict[Digest, Digest] = {}
    for digest, body in _bodies(snapshot, nodes):
        named = dict.fromkeys(body.children)
        if present := tuple(child for child in named if child in listed):
            children[digest] = present
        if absent := tuple(child for child in named if child not in nodes):
            missing[digest] = absent
        if body.subject is not None:
            (subject if body.subject in nodes else orphans)[digest] = body.subject
    signatures = inverse(_signature_edges(snapshot, nodes))
    referrers = inverse(subject.items())
    family = _families(subject)
    return References(
        listed=listed,
        children=children,
        parents=inverse((d, c) for d, named in children.items() for c in named),
        subject=subject,
        referrers=referrers,
        signatures=signatures,
        orphans=orphans,
        missing=missing,
        family=family,
        cyclic=_cyclic(children, referrers, signatures)
        | _cyclic_families(children, signatures, subject, family),
    )


def _bodies(
    snapshot: RepositorySnapshot, nodes: frozenset[Digest]
) -> Iterator[tuple[Digest, Body]]:
    for digest, state in snapshot.bodies.items():
        if isinstance(state, Body) and digest in nodes:
            yield digest, state


def _signature_edges(
    snapshot: RepositorySnapshot, nodes: frozenset[Digest]
) -> Iterator[tuple[Digest, Digest]]:
    """Give (holder, image) for every signature tag whose image is there."""
    for tag in snapshot.tags:
        image = signed_image(tag.name)
        if image in nodes and tag.digest is not None and tag.digest != image:
            yield tag.digest, image


def _grouped(edges: Iterable[tuple[Digest, Digest]]) -> dict[Digest, tuple[Digest, ...]]:
    """Group the targets of ``edges`` by source, sorted so that input order is forgotten."""
    targets: defaultdict[Digest, list[Digest]] = defaultdict(list)
    for source, target in edges:
        targets[source].append(target)
    return {source: tuple(sorted(set(found))) for source, found in targets.items()}


def inverse(edges: Iterable[tuple[Digest, Digest]]) -> dict[Digest, tuple[Digest, ...]]:
    """Group the sources of ``edges`` by target."""
    return _grouped((target, source) for source, target in edges)


def _cyclic(*edges: Edges) -> frozenset[Digest]:
    """Find what lies on a cycle of edges of any kind (or on a path between two).

    All edges point from what goes first to what follows it: index to child, subject
    to referrer, image to signature. Digests make a cycle impossible in honest data.
    """
    pairs = [(a, b) for kind in edges for a, ahead in kind.items() for b in ahead]
    reaching = _endless(pairs)
    backwards = [(b, a) for a, b in pairs if a in reaching and b in reaching]
    return _endless(backwards)


def _families(subject: Mapping[Digest, Digest]) -> dict[Digest, Digest]:
    """Follow every chain of subjects to its end, or until it comes back to itself."""
    family: dict[Digest, Digest] = {}
    for start in subject:
        chain = [start]
        seen = {start}
        while (last := chain[-1]) in subject and last not in family:
            if subject[last] in seen:
                break
            chain.append(subject[last])
            seen.add(subject[last])
        root = family.get(chain[-1], chain[-1])
        family.update((member, root) for member in chain if member != root)
    return family


def _cyclic_families(
    children: Edges,
    signatures: Edges,
    subject: Mapping[Digest, Digest],
    family: Mapping[Digest, Digest],
) -> frozenset[Digest]:
    """Find the families that list each other in a circle: none of them can go first."""
    whole = ((a, b) for kind in (children, signatures) for a, bs in kind.items() for b in bs)
    between = ((family.get(a, a), family.get(b, b)) for a, b in whole)
    cyclic = _cyclic(_grouped((a, b) for a, b in between if a != b)) if family else ()
    members = {d for d in (*subject, *subject.values()) if family.get(d, d) in cyclic}
    return frozenset(members.union(cyclic))


def _endless(edges: list[tuple[Digest, Digest]]) -> frozenset[Digest]:
    """Find the sources from which ``edges`` lead on for ever: peel the dead ends off."""
    ahead: dict[Digest, int] = {}
    sources: defaultdict[Digest, list[Digest]] = defaultdict(list)
    for source, target in edges:
        ahead[source] = ahead.get(source, 0) + 1
        ahead.setdefault(target, 0)
        sources[target].append(source)
    dead_ends = [digest for digest, count in ahead.items() if count == 0]
    while dead_ends:
        for source in sources[dead_ends.pop()]:
            ahead[source] -= 1
            if ahead[source] == 0:
                dead_ends.append(source)
    return frozenset(digest for digest, count in ahead.items() if count)
