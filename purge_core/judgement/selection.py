"""Which tags the rules and protections leave, select, or make depend on an image.

The first of the two steps of a judgement: it looks at tags alone. What has to stay
because of references between manifests is found afterwards (``closure``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.judgement.images import Images, wanted_images
from purge_core.judgement.ranks import Rank, by_rule_alone, rank_rules
from purge_core.judgement.reasons import (
    ImageStays,
    KeepReason,
    NoRule,
    Selected,
    SignatureOfUnlisted,
    Unknown,
)
from purge_core.judgement.scene import Owned, Scene
from purge_core.model import Digest, RepositorySnapshot, TagName
from purge_core.policies.policy import Dialect, Policy, Rule, Target


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tag that may go: its rule selects it, or its whole image, or what it signs goes.

    ``signs``: the image whose stay keeps this signature tag.
    """

    selected: Selected | None = None
    signs: Digest | None = None


Draft = tuple[KeepReason, ...] | Candidate
"""What is said of a tag so far: the reasons why it stays for good, or a candidate."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the rules say of every tag, and the images that a rule takes as a whole."""

    drafts: Mapping[TagName, Draft]
    images: Mapping[Digest, Rule]


def select(
    snapshot: RepositorySnapshot, policy: Policy, now: Instant, used: Mapping[Digest, str]
) -> Selection:
    """Judge every tag by itself, by its rule and by its image's other tags.

    ``used`` are the manifests in use, each with the reference that says so.

    Raises:
        PolicyError: a pattern exceeded its time limit.

    """
    scene = Scene.of(snapshot, policy, now, used)
    owned = [scene.own(tag) for tag in snapshot.tags]
    ranks = rank_rules(scene, owned)
    images = wanted_images(scene, owned, ranks)
    drafts = {o.tag.name: _draft(scene, o, ranks, images) for o in owned}
    taken = {digest: rule for digest, (rule, why) in images.items() if why is None}
    return Selection(drafts, taken)


def _draft(scene: Scene, owned: Owned, ranks: Mapping[str, Rank], images: Images) -> Draft:
    by_rule = by_rule_alone(scene, owned, ranks)
    if owned.firm:
        return owned.firm if isinstance(by_rule, Selected) else _merged(owned, by_rule)
    if owned.signs is not None:
        return _signature_draft(scene, owned.signs, by_rule)
    image = images.get(owned.tag.digest) if owned.tag.digest is not None else None
    if image is not None and image[1] is None:
        takes_tags = owned.rule is not None and owned.rule.target is Target.TAGS
        selected = by_rule if takes_tags and isinstance(by_rule, Selected) else None
        return Candidate(selected)
    if not isinstance(by_rule, Selected):
        return by_rule
    if image is None or (owned.rule and owned.rule.target is Target.TAGS):
        return Candidate(by_rule)
    rule, why = image
    return (ImageStays(rule.name, owned.tag.digest or Digest(""), why or ""),)


def _merged(owned: Owned, by_rule: tuple[KeepReason, ...]) -> tuple[KeepReason, ...]:
    """Join firm reasons with the rule's, unless no rule speaks of the tag at all."""
    told = tuple(r for r in by_rule if not isinstance(r, NoRule | Unknown))
    return owned.firm + told


def _signature_draft(
    scene: Scene, image: Digest, by_rule: tuple[KeepReason, ...] | Selected
) -> Draft:
    """Judge a signature tag: with its image; in ``acr purge`` only if selected, too."""
    selected = by_rule if isinstance(by_rule, Selected) else None
    if scene.policy.dialect is Dialect.ACR_PURGE:
        if not isinstance(by_rule, Selected):
            return by_rule
        if scene.manifests is None and image not in scene.present:
            return (SignatureOfUnlisted(image),)
    return Candidate(selected, image)
