"""What every implementation of the reading port does."""

import pytest

from purge_core.errors import NotFound
from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.model import OPEN, Body, Digest, Lock, RepositoryName, TagName, Unread
from tests.contract.stages import PAGE, Stage
from tests.emulated import OCI_IMAGE, OCI_INDEX

SHOP = RepositoryName("shop/web")
V1 = TagName("v1")
NOWHERE = RepositoryName("shop/none")
ABSENT = Digest("sha256:" + "0" * 64)
THEN = Instant(1_700_000_000 * TICKS_PER_SECOND + 1_234_567)


def at(step: int) -> Instant:
    """Return an instant, in steps of one tick: what a datetime could not tell apart."""
    return Instant(THEN + step)


async def test_catalogue_names_all_repositories(stage: Stage) -> None:
    """All repositories, over several pages, in order."""
    names = [f"team/{letter}" for letter in "abcdefg"]
    for name in reversed(names):
        stage.push(name)
    assert [name async for name in stage.registry.repositories()] == names


async def test_empty_catalogue(stage: Stage) -> None:
    """An empty registry has no repositories."""
    assert [name async for name in stage.registry.repositories()] == []


async def test_tags_tell_name_digest_time_and_lock(stage: Stage) -> None:
    """A tag is read exactly, its time to 100 ns."""
    digest = stage.push(SHOP, "v1", at=at(1))
    await stage.registry.lock_tag(SHOP, V1, Lock(write_enabled=False))
    (tag,) = (await stage.registry.tags(SHOP)).items
    assert (tag.name, tag.digest, tag.updated) == ("v1", digest, at(1))
    assert tag.lock == Lock(delete_enabled=True, write_enabled=False)


async def test_manifests_tell_type_time_tags_and_lock(stage: Stage) -> None:
    """A manifest is read exactly, its time to 100 ns."""
    digest = stage.push(SHOP, "v1", "v2", media_type=OCI_INDEX, at=at(3))
    await stage.registry.lock_manifest(SHOP, digest, Lock(delete_enabled=False))
    (manifest,) = (await stage.registry.manifests(SHOP)).items
    assert (manifest.digest, manifest.media_type) == (digest, OCI_INDEX)
    assert (manifest.updated, set(manifest.tags)) == (at(3), {"v1", "v2"})
    assert manifest.lock == Lock(delete_enabled=False, write_enabled=True)


@pytest.mark.parametrize("count", range(2 * PAGE + 2))
async def test_listings_lose_nothing(stage: Stage, count: int) -> None:
    """Whatever the number of entries, full last pages included, all are listed once."""
    stage.push(SHOP, at=at(0))
    for i in range(count):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(i))
    tags = await stage.registry.tags(SHOP)
    manifests = await stage.registry.manifests(SHOP)
    assert sorted(tag.name for tag in tags.items) == sorted(f"v{i}" for i in range(count))
    assert len({m.digest for m in manifests.items}) == len(manifests.items) == count + 1


@pytest.mark.parametrize("count", [1, 2 * PAGE])
async def test_listing_is_dated_by_its_newest_entry(stage: Stage, count: int) -> None:
    """The mark is the registry's own time, wherever the newest entry stands."""
    for i in range(count):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(100 - i))
    assert (await stage.registry.tags(SHOP)).mark == at(100)
    assert (await stage.registry.manifests(SHOP)).mark == at(100)


async def test_repository_without_tags(stage: Stage) -> None:
    """No tags is an empty listing without a mark."""
    stage.push(SHOP, at=at(0))
    listing = await stage.registry.tags(SHOP)
    assert (listing.items, listing.mark) == ((), None)
    assert (await stage.registry.tags_since(SHOP, None)).complete


async def test_missing_repository_is_not_found(stage: Stage) -> None:
    """Every listing says that there is no such repository."""
    for ask in (stage.registry.tags, stage.registry.manifests):
        with pytest.raises(NotFound):
            await ask(NOWHERE)
    for since in (stage.registry.tags_since, stage.registry.manifests_since):
        with pytest.raises(NotFound):
            await since(NOWHERE, at(0))


async def test_body_names_children_and_subject(stage: Stage) -> None:
    """An index tells its children, which of them state no platform, and its subject."""
    child, bare, subject = (stage.push(SHOP, label=word) for word in ("child", "bare", "subject"))
    index = stage.push(SHOP, children=[child], bare=[bare], subject=subject, media_type=OCI_INDEX)
    body = await stage.registry.body(SHOP, index)
    assert body == Body((child, bare), subject, (bare,))
    assert await stage.registry.body(SHOP, child) == Body()


async def test_body_of_what_is_not_there_is_gone(stage: Stage) -> None:
    """A missing manifest, or repository, is a value and no error."""
    stage.push(SHOP)
    assert await stage.registry.body(SHOP, ABSENT) is Unread.GONE
    assert await stage.registry.body(NOWHERE, ABSENT) is Unread.GONE


async def test_exists_until_it_is_deleted(stage: Stage) -> None:
    """Whether a manifest is there is asked anew each time."""
    digest = stage.push(SHOP, "v1")
    assert await stage.registry.exists(SHOP, digest)
    await stage.registry.delete_manifest(SHOP, digest)
    assert not await stage.registry.exists(SHOP, digest)
    assert not await stage.registry.exists(NOWHERE, ABSENT)


async def test_a_tag_is_there_until_it_is_deleted(stage: Stage) -> None:
    """Whether there is such a tag is asked anew each time."""
    stage.push(SHOP, "v1")
    assert await stage.registry.has_tag(SHOP, V1)
    await stage.registry.delete_tag(SHOP, V1)
    assert not await stage.registry.has_tag(SHOP, V1)
    assert not await stage.registry.has_tag(NOWHERE, V1)


async def test_changes_are_what_is_not_older_than_the_mark(stage: Stage) -> None:
    """Entries of the mark's own time belong to the changes; older ones do not."""
    for i in range(3 * PAGE):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(i))
    mark = at(3 * PAGE - 2)
    tags = await stage.registry.tags_since(SHOP, mark)
    manifests = await stage.registry.manifests_since(SHOP, mark)
    assert {tag.updated for tag in tags.items} == {mark, at(3 * PAGE - 1)}
    assert {m.updated for m in manifests.items} == {mark, at(3 * PAGE - 1)}
    assert not tags.complete
    assert not manifests.complete


async def test_changes_over_several_pages(stage: Stage) -> None:
    """More changes than a page holds are all seen."""
    for i in range(3 * PAGE):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(i))
    tags = await stage.registry.tags_since(SHOP, at(4))
    assert {tag.updated for tag in tags.items} == {at(i) for i in range(4, 3 * PAGE)}


@pytest.mark.parametrize("mark", [None, at(0), at(50)])
async def test_small_listing_is_seen_whole(stage: Stage, mark: Instant | None) -> None:
    """What fits a page is complete, older entries too: what is absent is gone."""
    for i in range(PAGE - 1):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(i))
    tags = await stage.registry.tags_since(SHOP, mark)
    assert tags.complete
    assert sorted(tag.name for tag in tags.items) == ["v0", "v1"]


async def test_changes_without_a_mark_are_everything(stage: Stage) -> None:
    """Without a mark the whole listing is read."""
    for i in range(3 * PAGE):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(i))
    manifests = await stage.registry.manifests_since(SHOP, None)
    assert manifests.complete
    assert len(manifests.items) == 3 * PAGE


async def test_listing_and_changes_fit_together(stage: Stage) -> None:
    """A push, a moved tag and nothing else show up after the listing's mark."""
    first = stage.push(SHOP, "v1", label="first", at=at(1))
    for i in range(2, 2 * PAGE):
        stage.push(SHOP, f"v{i}", label=str(i), at=at(i))
    tags = await stage.registry.tags(SHOP)
    manifests = await stage.registry.manifests(SHOP)
    second = stage.push(SHOP, "new", label="second")
    stage.move(SHOP, "v1", second)
    moved = {t.name: t for t in (await stage.registry.tags_since(SHOP, tags.mark)).items}
    pushed = {m.digest for m in (await stage.registry.manifests_since(SHOP, manifests.mark)).items}
    assert {"new", "v1"} <= moved.keys()
    assert moved[V1].digest == second
    assert second in pushed
    assert first not in pushed


async def test_open_items_are_open(stage: Stage) -> None:
    """What nobody locked is open, and all open items share one lock."""
    stage.push(SHOP, "v1", media_type=OCI_IMAGE)
    (tag,) = (await stage.registry.tags(SHOP)).items
    (manifest,) = (await stage.registry.manifests(SHOP)).items
    assert tag.lock is manifest.lock is OPEN
