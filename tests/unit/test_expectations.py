"""Every change that holds a step back, one by one, and the ones that must not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from purge_core.execution.effects import Effects
from purge_core.instants import DAY, Instant
from purge_core.model import (
    OPEN,
    PLAIN_BODY,
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    Tag,
    TagName,
    Unread,
)
from purge_core.plans.steps import Target
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Policy, Rule, Selector
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.registry import Changes
from tests.fake_state import FakeRepository
from tests.fakes import OCI_INDEX, Call, FakeRegistry
from tests.purges import EVERYTHING, LOCKED_TOO, OLD, Purge

SHOP = RepositoryName("shop")
CLOSED = Lock(delete_enabled=False)


class Scene:
    """An old image with two tags, an SBOM that goes along with it, and a young image."""

    def __init__(self) -> None:
        self.registry = FakeRegistry()
        self.image = self.registry.push("shop", "v1", "v2", at=OLD)
        self.sbom = self.registry.push("shop", body=Body(subject=self.image), at=OLD)
        self.young = self.registry.push("shop", "young")

    @property
    def repo(self) -> FakeRepository:
        """What the registry holds."""
        return self.registry.repos[SHOP]

    def lock(self, target: str, lock: Lock = CLOSED) -> None:
        """Lock a tag or a manifest."""
        tag, digest = TagName(target), Digest(target)
        if tag in self.repo.tags:
            self.repo.tags[tag] = replace(self.repo.tags[tag], lock=lock)
        else:
            self.repo.manifests[digest] = replace(self.repo.manifests[digest], lock=lock)

    def renew(self, digest: Digest) -> None:
        """Push a manifest again, without a tag."""
        body = self.repo.bodies[digest]
        self.registry.push("shop", digest=digest, body=body)

    def push_without_time(self, body: BodyState) -> None:
        """Push a manifest of which the registry does not say when."""
        digest = self.registry.push("shop", body=body)
        self.repo.manifests[digest] = replace(self.repo.manifests[digest], updated=None)

    def sign(self, digest: Digest) -> None:
        """Sign an image by cosign's tag scheme."""
        self.registry.push("shop", f"{digest.replace(':', '-')}.sig")


Change = Callable[[Scene], object]

CHANGES: list[tuple[str, Change, str]] = [
    ("new tag", lambda s: s.registry.tag("shop", "prod", s.image), "tag prod points at it now"),
    ("tag again", lambda s: s.registry.tag("shop", "v1", s.image), "tag v1 was pushed again"),
    ("tag moved", lambda s: s.registry.tag("shop", "v1", s.young), "tag v1 points elsewhere now"),
    ("tag gone", lambda s: s.registry.remove("shop", "v1"), "tag v1 is gone"),
    ("tag locked", lambda s: s.lock("v1"), "tag v1 was locked"),
    ("locked", lambda s: s.lock(s.image), "its lock changed"),
    ("again", lambda s: s.renew(s.image), "it was pushed again"),
    ("signed", lambda s: s.sign(s.image), "it was signed: tag sha256-"),
    (
        "index",
        lambda s: s.registry.push("shop", media_type=OCI_INDEX, body=Body(children=(s.image,))),
        "was pushed and names it",
    ),
    (
        "referrer",
        lambda s: s.registry.push("shop", body=Body(subject=s.image)),
        "was pushed and names it",
    ),
    (
        "odd type",
        lambda s: s.registry.push("shop", media_type=None, body=Body(children=(s.image,))),
        "was pushed and names it",
    ),
    (
        "no time",
        lambda s: s.push_without_time(Unread.FAILED),
        "cannot be read: it may name anything",
    ),
    ("sbom tagged", lambda s: s.registry.tag("shop", "sbom", s.sbom), "goes along: tag sbom"),
    ("sbom locked", lambda s: s.lock(s.sbom), "goes along: its lock changed"),
    ("sbom again", lambda s: s.renew(s.sbom), "was pushed and names it"),
    ("sbom signed", lambda s: s.sign(s.sbom), "goes along: it was signed"),
    (
        "sbom has referrer",
        lambda s: s.registry.push("shop", body=Body(subject=s.sbom)),
        "was pushed and names it",
    ),
    (
        "sbom in index",
        lambda s: s.registry.push("shop", media_type=OCI_INDEX, body=Body(children=(s.sbom,))),
        "was pushed and names it",
    ),
]


async def purged(scene: Scene, change: Change, *, stored: bool) -> dict[Target, StepOutcome]:
    """Plan, let the change happen, and carry the plan out."""
    purge = Purge(scene.registry, EVERYTHING, stored=stored)
    await purge.plan()
    change(scene)
    return await purge.all()


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(
    ("change", "detail"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
async def test_a_change_since_the_plan_holds_the_image_back(
    change: Change, detail: str, stored: bool
) -> None:
    """The image stays with all that goes along with it, and the outcome says what changed."""
    scene = Scene()
    outcomes = await purged(scene, change, stored=stored)
    assert outcomes[scene.image].outcome is Outcome.SKIPPED_CHANGED
    assert detail in outcomes[scene.image].detail
    assert outcomes[scene.sbom].outcome is Outcome.SKIPPED_CHANGED
    assert {scene.image, scene.sbom} <= scene.repo.manifests.keys()
    assert not [call for call in scene.registry.calls if call.method == "delete_manifest"]


HARMLESS: list[tuple[str, Change]] = [
    ("nothing", lambda _: None),
    ("other image", lambda s: s.registry.push("shop", "v3")),
    ("other index", lambda s: s.registry.push("shop", media_type=OCI_INDEX, body=PLAIN_BODY)),
    ("garbage", lambda s: s.registry.push("shop", body=Unread.GARBAGE)),
    ("other locked", lambda s: s.lock("young")),
    ("other moved", lambda s: s.registry.tag("shop", "new", s.young)),
    ("other signed", lambda s: s.sign(s.young)),
    ("sbom gone", lambda s: s.registry.remove("shop", s.sbom)),
]


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("page", [1, 1000])
@pytest.mark.parametrize(
    "change", [case[1] for case in HARMLESS], ids=[case[0] for case in HARMLESS]
)
async def test_what_others_do_elsewhere_changes_nothing(
    change: Change, page: int, stored: bool
) -> None:
    """A busy repository is purged all the same."""
    scene = Scene()
    scene.registry.page = page
    outcomes = await purged(scene, change, stored=stored)
    assert outcomes[scene.image].outcome is Outcome.DELETED
    assert outcomes[scene.sbom].outcome in {Outcome.CASCADED, Outcome.ALREADY_GONE}
    assert scene.young in scene.repo.manifests


@pytest.mark.parametrize("stored", [False, True])
async def test_the_newest_items_of_a_repository_can_go(stored: bool) -> None:
    """What carries the very time of the plan's mark is known from the plan, not new."""
    registry = FakeRegistry()
    for number in range(3):
        registry.push("shop", f"v{number}", at=OLD)
    purge = Purge(registry, EVERYTHING, stored=stored)
    await purge.plan()
    assert {end.outcome for end in (await purge.all()).values()} == {Outcome.DELETED}


TAG_CHANGES: list[tuple[str, Change, Outcome]] = [
    ("moved", lambda s: s.registry.tag("shop", "old", s.image), Outcome.SKIPPED_CHANGED),
    (
        "moved at the same time",
        lambda s: s.registry.tag("shop", "old", s.image, at=OLD),
        Outcome.SKIPPED_CHANGED,
    ),
    ("again", lambda s: s.registry.tag("shop", "old", s.young), Outcome.SKIPPED_CHANGED),
    ("locked", lambda s: s.lock("old"), Outcome.SKIPPED_CHANGED),
    ("gone", lambda s: s.registry.remove("shop", "old"), Outcome.ALREADY_GONE),
]


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(
    ("change", "outcome"), [c[1:] for c in TAG_CHANGES], ids=[c[0] for c in TAG_CHANGES]
)
async def test_a_change_holds_a_tag_back(change: Change, outcome: Outcome, stored: bool) -> None:
    """A tag that goes alone stays when it is not what it was; nothing is sent for it."""
    scene = Scene()
    scene.registry.tag("shop", "old", scene.young, at=OLD)
    outcomes = await purged(scene, change, stored=stored)
    assert outcomes[TagName("old")].outcome is outcome
    assert not [call for call in scene.registry.calls if call.method == "delete_tag"]


async def test_a_manifest_waits_for_its_locked_tag() -> None:
    """A tag with a step of its own that stays keeps its manifest: it would go along."""
    registry = FakeRegistry()
    image = registry.push("shop", at=OLD)
    registry.tag("shop", "v1", image, at=OLD, lock=CLOSED)
    purge = Purge(registry, LOCKED_TOO)
    await purge.plan()
    registry.repos[SHOP].tags[TagName("v1")] = replace(
        registry.repos[SHOP].tags[TagName("v1")], lock=Lock(write_enabled=False)
    )
    outcomes = await purge.all()
    assert outcomes[TagName("v1")].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[image].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[image].detail == f"tag v1 of {image} stays"


async def test_an_index_that_comes_back_keeps_its_children() -> None:
    """Deleted by this run and pushed again by others: what it lists must stay."""
    registry = FakeRegistry()
    child = registry.push("shop", at=OLD)
    body = Body(children=(child,))
    index = registry.push("shop", "v1", at=OLD, media_type=OCI_INDEX, body=body)
    purge = Purge(registry, EVERYTHING)
    await purge.plan()

    def come_back(call: Call) -> None:
        if index not in registry.repos[SHOP].manifests:
            registry.push("shop", digest=index, media_type=OCI_INDEX, body=body)
        if call.method == "delete_manifest":
            purge.clock.now += 3

    registry.before = come_back
    outcomes = await purge.all()
    assert outcomes[index].outcome is Outcome.DELETED
    assert outcomes[child].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[child].detail == f"{index} was pushed again"


async def test_an_image_that_comes_back_keeps_its_signature() -> None:
    """The signature was to follow its image, which is there again."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD)
    signature = registry.push("shop", f"{image.replace(':', '-')}.sig", at=OLD)
    registry.push("shop", "young")
    purge = Purge(registry, EVERYTHING)
    await purge.plan()

    def come_back(call: Call) -> None:
        if image not in registry.repos[SHOP].manifests:
            registry.push("shop", "v1", digest=image)
        if call.method == "delete_manifest":
            purge.clock.now += 3

    registry.before = come_back
    outcomes = await purge.all()
    assert outcomes[image].outcome is Outcome.DELETED
    assert outcomes[signature].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[signature].detail == f"{image} was pushed again"
    assert signature in registry.repos[SHOP].manifests


class ForgetfulRegistry(FakeRegistry):
    """A registry whose manifest listing shows no tags, as real ones leave some out."""

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Leave all tags out."""
        found = await super().manifests_since(repository, mark)
        return replace(found, items=tuple(replace(m, tags=()) for m in found.items))


async def test_a_new_tag_counts_though_the_manifest_listing_leaves_it_out() -> None:
    """The tag listing decides: what it shows on a manifest keeps the manifest."""
    registry = ForgetfulRegistry()
    image = registry.push("shop", "v1", at=OLD)
    registry.push("shop", "young")
    purge = Purge(registry, EVERYTHING)
    await purge.plan()
    registry.tag("shop", "prod", image)
    assert (await purge.all())[image].detail == "tag prod points at it now"


class ObservedRegistry(FakeRegistry):
    """A registry that remembers from which mark on changes were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[Instant | None] = []

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Remember the mark."""
        self.marks.append(mark)
        return await super().tags_since(repository, mark)


async def test_a_fresh_listing_moves_the_marks() -> None:
    """What a stored plan's fresh listing has shown is not read again with every view."""
    registry = ObservedRegistry()
    for number in range(4):
        registry.push("shop", f"v{number}", at=OLD)
    purge = Purge(registry, EVERYTHING, stored=True, concurrency=1)
    await purge.plan()
    registry.push("shop", "young")
    newest = registry.clock

    def tick(call: Call) -> None:
        purge.clock.now += 1.5 if call.method == "delete_manifest" else 0

    registry.before = tick
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    assert registry.marks == [newest]


@pytest.mark.parametrize("include_locked", [False, True])
async def test_a_lock_on_the_manifest_keeps_its_tags_in_policy_documents(
    include_locked: bool,
) -> None:
    """The manifest was locked after the plan was made; with ``include_locked`` that is no help."""
    everything = compile_pattern(".*")
    rule = Rule("old", (Selector(everything, everything),), DAY)
    policy = Policy((rule,), limits=None, include_locked=include_locked)
    scene = Scene()
    scene.registry.tag("shop", "old", scene.young, at=OLD)
    purge = Purge(scene.registry, policy)
    await purge.plan()
    scene.lock(scene.young)
    end = (await purge.all())[TagName("old")]
    if include_locked:
        assert end.outcome is Outcome.DELETED
    else:
        assert end.outcome is Outcome.SKIPPED_CHANGED
        assert end.detail == f"{scene.young} was locked"


def test_only_the_first_new_time_after_our_own_change_is_ours() -> None:
    """A later one is somebody else's, and so is any once the work on the item is over."""
    effects = Effects()
    image = Digest("sha256:1")
    first, second = Instant(OLD + 1), Instant(OLD + 2)
    assert not effects.fits_time(image, OLD, first)
    effects.expect_renewal(image)
    assert effects.fits_time(image, OLD, OLD)
    assert not effects.fits_time(image, OLD, None)
    assert not effects.fits_time(image, OLD, Instant(OLD - 1))
    assert effects.fits_time(image, OLD, first)
    assert effects.fits_time(image, OLD, first)
    assert not effects.fits_time(image, OLD, second)
    effects.expect_renewal(image)
    effects.ends(image, gone=True)
    assert not effects.fits_time(image, OLD, second)


def test_a_lock_fits_as_planned_or_as_we_opened_it() -> None:
    """Open is no surprise after our own unlock; anything else is."""
    effects = Effects()
    tag = TagName("v1")
    assert effects.fits_lock(tag, CLOSED, CLOSED)
    assert not effects.fits_lock(tag, CLOSED, OPEN)
    effects.opens(tag)
    assert effects.fits_lock(tag, CLOSED, OPEN)
    assert not effects.fits_lock(tag, CLOSED, Lock(write_enabled=False))
    assert not effects.fits_lock(tag, CLOSED, None)
