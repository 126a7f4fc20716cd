"""Rules that take whole images: which images they get, and what hinders them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from purge_core.judgement.ranks import UNRANKED, Rank
from purge_core.judgement.reasons import Newest, Young
from purge_core.judgement.scene import Owned, Scene, is_old
from purge_core.model import Digest
from purge_core.policies.policy import Rule, Target

Images = Mapping[Digest, tuple[Rule, str | None]]
"""Per image that a rule wants whole: the rule, and why it does not get it."""


def wanted_images(scene: Scene, owned: Sequence[Owned], ranks: Mapping[str, Rank]) -> Images:
    """Find every image that some rule wants whole, and whether it gets it."""
    wanted: defaultdict[Digest, dict[str, Rule]] = defaultdict(dict)
    for o in owned:
        whole = o.rule is not None and o.rule.target is Target.IMAGES
        if whole and o.rule and o.signs is None and o.tag.digest is not None:
            wanted[o.tag.digest][o.rule.name] = o.rule
    if not wanted:
        return {}
    tags: defaultdict[Digest, list[Owned]] = defaultdict(list)
    for o in owned:
        if o.tag.digest is not None and o.tag.digest in wanted:
            tags[o.tag.digest].append(o)
    return {
        digest: _first_taker(scene, digest, rules.values(), tags[digest], ranks)
        for digest, rules in wanted.items()
    }


def _first_taker(
    scene: Scene,
    digest: Digest,
    rules: Iterable[Rule],
    tags: Sequence[Owned],
    ranks: Mapping[str, Rank],
) -> tuple[Rule, str | None]:
    """Find a rule that gets the image; failing that, the first with what hinders it."""
    answers = [
        (rule, _hindrance(scene, digest, rule, tags, ranks))
        for rule in scene.rules
        if rule in tuple(rules)
    ]
    return next((answer for answer in answers if answer[1] is None), answers[0])


def _hindrance(
    scene: Scene,
    digest: Digest,
    rule: Rule,
    tags: Sequence[Owned],
    ranks: Mapping[str, Rank],
) -> str | None:
    """Say what keeps ``rule`` from taking the image, or ``None``."""
    for o in sorted(tags, key=lambda o: o.tag.name):
        if why := _hindered_by(scene, rule, o, ranks):
            return f"tag {o.tag.name}: {why}"
    if scene.manifests is None:
        return None
    manifest = scene.manifests.get(digest)
    if manifest is None or manifest.updated is None:
        return "manifest: unknown"
    if not is_old(manifest.updated, rule.older_than, scene.now):
        return "manifest: young"
    return None


def _hindered_by(scene: Scene, rule: Rule, owned: Owned, ranks: Mapping[str, Rank]) -> str | None:
    """Say why one tag of an image keeps ``rule`` from taking the image.

    A signature tag belongs to the image that it signs and goes when that goes, however
    young it is.
    """
    if owned.firm:
        return owned.firm[0].code
    if owned.signs is not None:
        return None
    updated, own = owned.tag.updated, owned.rule
    if updated is None or not is_old(updated, rule.older_than, scene.now):
        return Young.code
    if own is not None and ranks.get(own.name, UNRANKED).newer(owned.tag) < own.keep_newest:
        return Newest.code
    return None
