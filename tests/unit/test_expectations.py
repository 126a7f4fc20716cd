"""Every change that holds a step back, one by one, and the ones that must not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from purge_core.model import (
    PLAIN_BODY,
    Body,
    BodyState,
    Digest,
    Lock,
    RepositoryName,
    TagName,
    Unread,
)
from purge_core.outcomes import Outcome, StepOutcome
from purge_core.steps import Target
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
