"""What every implementation of the writing port does."""

import pytest

from purge_core.errors import NotFound
from purge_core.model import OPEN, Digest, Lock, RepositoryName, TagName
from purge_core.registry import Answer, Deletion
from tests.contract.stages import Stage
from tests.emulated import OCI_INDEX

SHOP = RepositoryName("shop/web")
NOWHERE = RepositoryName("shop/none")
ABSENT = Digest("sha256:" + "0" * 64)
V1 = TagName("v1")
LOCKS = [
    Lock(delete_enabled=False),
    Lock(write_enabled=False),
    Lock(delete_enabled=False, write_enabled=False),
]


async def held(stage: Stage) -> set[Digest]:
    """Return the digests that the repository holds."""
    return {m.digest for m in (await stage.registry.manifests(SHOP)).items}


async def tags(stage: Stage) -> set[str]:
    """Return the tags that the repository holds."""
    return {tag.name for tag in (await stage.registry.tags(SHOP)).items}


async def test_deleted_tag_leaves_its_manifest(stage: Stage) -> None:
    """A tag's deletion tells what it pointed at; manifest and other tags stay."""
    digest = stage.push(SHOP, "v1", "v2")
    assert await stage.registry.delete_tag(SHOP, V1) == Deletion(Answer.ACCEPTED, digest)
    assert await tags(stage) == {"v2"}
    assert await held(stage) == {digest}


async def test_deleted_tag_tells_where_it_had_moved(stage: Stage) -> None:
    """The digest is that of the moment of the deletion."""
    stage.push(SHOP, "v1", label="old")
    new = stage.push(SHOP, label="new")
    stage.move(SHOP, "v1", new)
    assert (await stage.registry.delete_tag(SHOP, V1)).digest == new


async def test_what_is_not_there_is_gone(stage: Stage) -> None:
    """404 is an answer, for an item and for a repository."""
    stage.push(SHOP, "v2")
    gone = Deletion(Answer.GONE)
    assert await stage.registry.delete_tag(SHOP, V1) == gone
    assert await stage.registry.delete_tag(NOWHERE, V1) == gone
    assert await stage.registry.delete_manifest(SHOP, ABSENT) == gone
    assert await stage.registry.delete_manifest(NOWHERE, ABSENT) == gone


async def test_deleted_manifest_takes_its_tags(stage: Stage) -> None:
    """One call for an image with three tags."""
    digest = stage.push(SHOP, "v1", "v2", "v3", label="gone")
    other = stage.push(SHOP, "other", label="other")
    assert await stage.registry.delete_manifest(SHOP, digest) == Deletion(Answer.ACCEPTED)
    assert await tags(stage) == {"other"}
    assert await held(stage) == {other}


async def test_deleted_index_leaves_its_children(stage: Stage) -> None:
    """Children are manifests of their own."""
    child = stage.push(SHOP, label="child")
    index = stage.push(SHOP, "v1", children=[child], media_type=OCI_INDEX)
    await stage.registry.delete_manifest(SHOP, index)
    assert await held(stage) == {child}


async def test_deleted_subject_takes_its_referrers(stage: Stage) -> None:
    """Referrers go with their subject, at any depth and with their tags."""
    image = stage.push(SHOP, "v1", label="image")
    signature = stage.push(SHOP, "sig", subject=image)
    stage.push(SHOP, subject=signature, label="of the signature")
    other = stage.push(SHOP, label="other")
    await stage.registry.delete_manifest(SHOP, image)
    assert await held(stage) == {other}
    assert await tags(stage) == set()


async def test_last_manifest_takes_the_repository(stage: Stage) -> None:
    """A repository without manifests does not exist."""
    digest = stage.push(SHOP, "v1")
    await stage.registry.delete_manifest(SHOP, digest)
    with pytest.raises(NotFound):
        await stage.registry.tags(SHOP)
    assert [name async for name in stage.registry.repositories()] == []


@pytest.mark.parametrize("lock", LOCKS)
async def test_locked_tag_stays_until_it_is_unlocked(stage: Stage, lock: Lock) -> None:
    """Either switch holds a tag."""
    digest = stage.push(SHOP, "v1")
    await stage.registry.lock_tag(SHOP, V1, lock)
    assert await stage.registry.delete_tag(SHOP, V1) == Deletion(Answer.LOCKED)
    assert await tags(stage) == {"v1"}
    await stage.registry.lock_tag(SHOP, V1, OPEN)
    assert await stage.registry.delete_tag(SHOP, V1) == Deletion(Answer.ACCEPTED, digest)


@pytest.mark.parametrize("lock", LOCKS)
async def test_locked_manifest_stays_until_it_is_unlocked(stage: Stage, lock: Lock) -> None:
    """Either switch holds a manifest; its tag can go."""
    digest = stage.push(SHOP, "v1")
    await stage.registry.lock_manifest(SHOP, digest, lock)
    assert await stage.registry.delete_manifest(SHOP, digest) == Deletion(Answer.LOCKED)
    assert await stage.registry.delete_tag(SHOP, V1) == Deletion(Answer.ACCEPTED, digest)
    assert await held(stage) == {digest}
    await stage.registry.lock_manifest(SHOP, digest, OPEN)
    assert await stage.registry.delete_manifest(SHOP, digest) == Deletion(Answer.ACCEPTED)


async def test_locking_changes_no_time(stage: Stage) -> None:
    """What is locked or unlocked does not look younger."""
    digest = stage.push(SHOP, "v1")
    before = await stage.registry.tags(SHOP), await stage.registry.manifests(SHOP)
    await stage.registry.lock_tag(SHOP, V1, Lock(delete_enabled=False))
    await stage.registry.lock_manifest(SHOP, digest, Lock(delete_enabled=False))
    after = await stage.registry.tags(SHOP), await stage.registry.manifests(SHOP)
    assert [listing.mark for listing in before] == [listing.mark for listing in after]


async def test_lock_of_what_is_not_there(stage: Stage) -> None:
    """There is nothing to lock: an error, unlike a deletion."""
    stage.push(SHOP, "v2")
    with pytest.raises(NotFound):
        await stage.registry.lock_tag(SHOP, V1, OPEN)
    with pytest.raises(NotFound):
        await stage.registry.lock_manifest(SHOP, ABSENT, OPEN)
    with pytest.raises(NotFound):
        await stage.registry.lock_tag(NOWHERE, V1, OPEN)
