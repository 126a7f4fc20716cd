"""What the tags of one repository are judged against, and each tag seen by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from purge_core.instants import Instant, Span
from purge_core.judgement.reasons import (
    InUse,
    KeepReason,
    Locked,
    ManifestLocked,
    Protected,
    Unknown,
)
from purge_core.judgement.references import signed_image
from purge_core.model import (
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    RepositorySnapshot,
    Tag,
    UsedNames,
)
from purge_core.policies.policy import Dialect, Policy, Protection, Rule, Selector


def is_old(updated: Instant, older_than: Span, now: Instant) -> bool:
    """Whether something is strictly older than the threshold."""
    return updated + older_than < now


def lock_reason(lock: Lock | None, policy: Policy) -> Locked | Unknown | None:
    """Say whether an item's own lock keeps it."""
    if lock is None:
        return Unknown("lock")
    if lock.closed and not policy.include_locked:
        return Locked(lock.delete_enabled, lock.write_enabled)
    return None


@dataclass(frozen=True, slots=True)
class Owned:
    """A tag, the rule that owns it, the image that it signs, and why it stays anyway."""

    tag: Tag
    rule: Rule | None
    signs: Digest | None
    firm: tuple[KeepReason, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What every tag of one repository is judged against."""

    policy: Policy
    now: Instant
    rules: tuple[Rule, ...]
    protections: tuple[Protection, ...]
    manifests: Mapping[Digest, Manifest] | None
    present: frozenset[Digest]
    named: UsedNames
    used: Mapping[Digest, str]

    @classmethod
    def of(
        cls,
        snapshot: RepositorySnapshot,
        policy: Policy,
        now: Instant,
        used: Mapping[Digest, str],
    ) -> "Scene":
        """Look up once what every tag needs: the rules and protections that cover it."""
        name, manifests = snapshot.name, snapshot.manifests
        present = {tag.digest for tag in snapshot.tags if tag.digest is not None}
        present.update(m.digest for m in manifests or ())
        return cls(
            policy,
            now,
            tuple(
                replace(rule, selectors=matching)
                for rule in policy.rules
                if (matching := _matching(rule.selectors, name))
            ),
            tuple(p for p in policy.protect if _matching((p.selector,), name)),
            None if manifests is None else {m.digest: m for m in manifests},
            frozenset(present),
            snapshot.in_use,
            used,
        )

    def own(self, tag: Tag) -> Owned:
        """Find the rule that owns ``tag``, what it signs, and its firm reasons to stay."""
        rule = next((rule for rule in self.rules if _takes(rule.selectors, tag)), None)
        signs = signed_image(tag.name)
        if signs == tag.digest or (signs is not None and not self._may_hold(signs)):
            signs = None
        return Owned(tag, rule, signs, tuple(self._firm(tag)))

    def _may_hold(self, image: Digest) -> bool:
        """Whether the image is there, or may be there in a repository not listed."""
        unlisted = self.manifests is None and self.policy.dialect is Dialect.ACR_PURGE
        return unlisted or image in self.present

    def _firm(self, tag: Tag) -> Iterator[KeepReason]:
        """Give the reasons to keep ``tag`` that no rule and no age can change."""
        for protection in self.protections:
            if _takes((protection.selector,), tag):
                yield Protected(protection.name)
        if reference := self.named.get(tag.name) or self.used.get(tag.digest or Digest("")):
            yield InUse(reference)
        if lock := lock_reason(tag.lock, self.policy):
            yield lock
        if tag.digest is None:
            yield Unknown("digest")
        elif self.manifests is not None:
            yield from self._firm_by_manifest(tag.digest, self.manifests.get(tag.digest))
        if tag.updated is None:
            yield Unknown("time")

    def _firm_by_manifest(self, digest: Digest, manifest: Manifest | None) -> Iterator[KeepReason]:
        """Give the reasons that lie in what the tag names.

        The tag of a manifest that the listing hides is all that tells of it, and so of
        what it lists and refers to: without the tag, that would look abandoned.
        """
        if manifest is None:
            yield Unknown("manifest")
        elif self.policy.dialect is Dialect.DOCUMENT and lock_reason(manifest.lock, self.policy):
            yield ManifestLocked(digest)


def _matching(selectors: Sequence[Selector], repository: RepositoryName) -> tuple[Selector, ...]:
    return tuple(s for s in selectors if s.repositories.matches(repository))


def _takes(selectors: Sequence[Selector], tag: Tag) -> bool:
    return any(selector.tags.matches(tag.name) for selector in selectors)
