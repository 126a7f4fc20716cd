"""One tag or image for a person: what it is, whether it goes, why, and what is around it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions, Delete, Keep, Verdict
from purge_core.judgement.guards import Refusal
from purge_core.judgement.references import read_references
from purge_core.model import Digest, Manifest, RepositorySnapshot, Tag, TagName
from purge_core.report.listing import deletable_from, verdict_sentences
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.text import moment, old, paragraph, printable, short_digest, size

Relations = tuple[tuple[Digest, Verdict | None], ...]
"""Manifests with their verdicts; ``None``: it is not there."""


@dataclass(frozen=True, slots=True)
class TagFacts:
    """A tag and its verdict. ``tag`` is ``None`` when only the manifest listing shows it."""

    name: TagName
    tag: Tag | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A manifest, its verdict, and all that it has to do with."""

    manifest: Manifest
    verdict: Verdict
    tags: tuple[tuple[TagName, Verdict | None], ...]
    indexes: Relations
    children: Relations
    subject: Relations
    referrers: Relations


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is to be told about one tag, or one image, or both.

    ``refusals``: why a purge would delete nothing in this repository, whatever goes.
    """

    snapshot: RepositorySnapshot
    now: Instant
    tag: TagFacts | None = None
    image: ImageFacts | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is such a tag or image."""
        return self.tag is not None or self.image is not None


def explain_tag(
    snapshot: RepositorySnapshot, decisions: Decisions, now: Instant, name: TagName
) -> Explanation:
    """Collect what bears on a tag, and on the image that it names."""
    verdict = decisions.tags.get(name)
    if verdict is None:
        return Explanation(snapshot, now)
    tag = next((tag for tag in snapshot.tags if tag.name == name), None)
    image = None
    if tag is not None and tag.digest is not None:
        image = _image(snapshot, decisions, tag.digest)
    return Explanation(snapshot, now, TagFacts(name, tag, verdict), image)


def explain_image(
    snapshot: RepositorySnapshot, decisions: Decisions, now: Instant, digest: Digest
) -> Explanation:
    """Collect what bears on an image."""
    return Explanation(snapshot, now, None, _image(snapshot, decisions, digest))


def _image(snapshot: RepositorySnapshot, decisions: Decisions, digest: Digest) -> ImageFacts | None:
    manifest = next((m for m in snapshot.manifests or () if m.digest == digest), None)
    if manifest is None or digest not in decisions.manifests:
        return None
    edges = read_references(snapshot)
    names = {tag.name for tag in snapshot.tags if tag.digest == digest}
    children = edges.children.get(digest, ()) + edges.missing.get(digest, ())
    subject = edges.subject.get(digest, edges.orphans.get(digest))
    verdicts: Mapping[Digest, Verdict] = decisions.manifests
    return ImageFacts(
        manifest,
        verdicts[digest],
        tuple((name, decisions.tags.get(name)) for name in sorted(names.union(manifest.tags))),
        _related(verdicts, edges.parents.get(digest, ())),
        _related(verdicts, children),
        _related(verdicts, () if subject is None else (subject,)),
        _related(verdicts, edges.referrers.get(digest, ())),
    )


def _related(verdicts: Mapping[Digest, Verdict], digests: tuple[Digest, ...]) -> Relations:
    return tuple((digest, verdicts.get(digest)) for digest in digests)


# --- in words --------------------------------------------------------------------


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Give the explanation, line by line."""
    repository, now = printable(explanation.snapshot.name), explanation.now
    if explanation.tag is not None:
        facts = explanation.tag
        yield f"{repository}:{printable(facts.name)}"
        if facts.tag is not None and facts.tag.digest is not None:
            yield f"  names {printable(facts.tag.digest)}"
        yield from _updated(None if facts.tag is None else facts.tag.updated, now)
        yield from _verdict(facts.verdict, now)
    if explanation.image is not None:
        if explanation.tag is not None:
            yield ""
        yield from _image_lines(explanation.image, explanation.snapshot, now)
    for refusal in explanation.refusals:
        yield ""
        yield from paragraph(f"But nothing goes here: {refusal_sentence(refusal)}.")


def _image_lines(image: ImageFacts, snapshot: RepositorySnapshot, now: Instant) -> Iterator[str]:
    manifest = image.manifest
    yield f"{printable(snapshot.name)}@{printable(manifest.digest)}"
    platform = f", {printable(manifest.platform)}" if manifest.platform is not None else ""
    yield f"  {printable(manifest.media_type or 'no media type')}"
    yield f"  at most {size(manifest.size)}{platform}"
    yield from _updated(manifest.updated, now)
    yield from _verdict(image.verdict, now)
    tags = [(printable(name), verdict) for name, verdict in image.tags]
    yield from _relations("tags", tags)
    platforms = {m.digest: m.platform for m in snapshot.manifests or ()}
    for title, related in (
        ("listed by", image.indexes),
        ("lists", image.children),
        ("belongs to", image.subject),
        ("belonging to it", image.referrers),
    ):
        named = [(_named(digest, platforms), verdict) for digest, verdict in related]
        yield from _relations(title, named)


def _named(digest: Digest, platforms: Mapping[Digest, str | None]) -> str:
    if digest not in platforms:
        return f"{short_digest(digest)} (missing)"
    platform = platforms[digest]
    return short_digest(digest) + (f" ({printable(platform)})" if platform else "")


def _updated(updated: Instant | None, now: Instant) -> Iterator[str]:
    if updated is None:
        yield "  last updated at an unknown time"
    else:
        yield f"  last updated {moment(updated)}, {old(updated, now)}"


def _verdict(verdict: Verdict, now: Instant) -> Iterator[str]:
    yield f"  {'GOES' if isinstance(verdict, Delete) else 'STAYS'}, because"
    for sentence in verdict_sentences(verdict, now):
        yield from paragraph(f"- {sentence}", "    ", "      ")
    if (when := deletable_from(verdict)) is not None:
        yield f"  Time alone lets it go: from {when} on."
    elif isinstance(verdict, Keep):
        yield "  Time alone does not let it go."


def _relations(title: str, related: list[tuple[str, Verdict | None]]) -> Iterator[str]:
    if related:
        yield f"  {title}:"
        for name, verdict in related:
            yield f"    {name}{_word(verdict)}"


def _word(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return ": goes" if isinstance(verdict, Delete) else ": stays"
