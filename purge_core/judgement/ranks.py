"""How many newer ones there are: the counting behind ``keep_newest`` and ``--keep``.

Policy documents count images, ``acr purge`` counts the tags that are eligible. Equal
times share a rank, so the order of the input never decides.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.instants import Instant
from purge_core.judgement.reasons import KeepReason, Newest, NoRule, Selected, Unknown, Young
from purge_core.judgement.references import signed_image
from purge_core.judgement.scene import Owned, Scene, is_old
from purge_core.model import Digest, Tag
from purge_core.policies.policy import Dialect, Rule


@dataclass(frozen=True, slots=True)
class Rank:
    """The times that count for one rule, ascending; for documents also per image."""

    times: list[Instant]
    images: Mapping[Digest, Instant]

    def newer(self, tag: Tag) -> int:
        """How many of those that count are strictly newer than the tag (its image)."""
        if tag.updated is None:
            return 0
        own = tag.updated if tag.digest is None else self.images.get(tag.digest)
        return len(self.times) - bisect_right(self.times, own or tag.updated)


def rank_rules(scene: Scene, owned: Sequence[Owned]) -> dict[str, Rank]:
    """Collect, per rule that keeps newest ones, the times that count."""
    counted: defaultdict[str, list[Tag]] = defaultdict(list)
    for o in owned:
        if o.rule is not None and o.rule.keep_newest and _counts(scene, o, o.rule):
            counted[o.rule.name].append(o.tag)
    rank = _rank_tags if scene.policy.dialect is Dialect.ACR_PURGE else _rank_by_image
    return {name: rank(tags) for name, tags in counted.items()}


def _counts(scene: Scene, owned: Owned, rule: Rule) -> bool:
    """Whether a tag takes a slot: in ``acr purge`` if eligible, and never a signature.

    Nor does the signature of a missing image, or the slots would shift when images go.
    """
    if signed_image(owned.tag.name) is not None or owned.tag.updated is None:
        return False
    if scene.policy.dialect is Dialect.DOCUMENT:
        return owned.tag.digest is not None
    return not owned.firm and is_old(owned.tag.updated, rule.older_than, scene.now)


def _rank_tags(tags: Iterable[Tag]) -> Rank:
    return Rank(sorted(tag.updated for tag in tags if tag.updated is not None), {})


def _rank_by_image(tags: Iterable[Tag]) -> Rank:
    images: dict[Digest, Instant] = {}
    for tag in tags:
        if tag.digest is not None and tag.updated is not None:
            images[tag.digest] = max(tag.updated, images.get(tag.digest, tag.updated))
    return Rank(sorted(images.values()), images)


UNRANKED: Final = Rank([], {})


def by_rule_alone(
    scene: Scene, owned: Owned, ranks: Mapping[str, Rank]
) -> tuple[KeepReason, ...] | Selected:
    """Ask the owning rule alone: too young, among the newest, or selected."""
    rule, updated = owned.rule, owned.tag.updated
    if rule is None:
        return (NoRule(),)
    if updated is None:
        return (Unknown("time"),)
    newer = ranks.get(rule.name, UNRANKED).newer(owned.tag)
    keeps: list[KeepReason] = []
    if not is_old(updated, rule.older_than, scene.now):
        keeps.append(Young(rule.name, updated, rule.older_than))
    if newer < rule.keep_newest:
        keeps.append(Newest(rule.name, newer, rule.keep_newest))
    if keeps:
        return tuple(keeps)
    return Selected(rule.name, updated, rule.older_than, newer, rule.keep_newest)
