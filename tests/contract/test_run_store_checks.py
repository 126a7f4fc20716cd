"""What every store does with what a look back found."""

from purge_core.model import Digest, RepositoryName, TagName
from purge_core.records.journal import RunId
from purge_core.records.losses import MOST_KEPT, Bond, Cause, Check, Loss
from purge_core.records.store import RunStore
from purge_core.records.store_records import RepositoryChange, RepositoryState
from tests.stores import later, started

SHOP = RepositoryName("shop")
INDEX = Digest("sha256:" + "a" * 64)


def loss(number: int, cause: Cause = Cause.BEFORE) -> Loss:
    """Return one of many losses."""
    missing = Digest(f"sha256:{number:064}")
    return Loss(Bond.CHILD, INDEX, (TagName("v1"), TagName("é")), missing, cause, "run-1")


async def test_a_check_is_kept_with_its_repository(store: RunStore) -> None:
    """It comes back as it was, and stays when the repository moves on."""
    run = await started(store)
    await store.add_repositories(run, [SHOP], later(1))
    losses = tuple(loss(number, cause) for number, cause in enumerate(Cause))
    check = Check(SHOP, 12, 7, tuple(sorted(losses, key=lambda x: x.missing)), 1, "no answer")
    await store.note_check(run, Check(SHOP))
    await store.note_check(run, check)
    done = RepositoryChange(RepositoryState.DONE, later(2))
    assert await store.move_repository(run, SHOP, {RepositoryState.QUEUED}, done)
    found = await store.repository(run, SHOP)
    assert found is not None
    assert found.verified == check
    assert found.state is RepositoryState.DONE


async def test_of_many_losses_the_first_are_kept(store: RunStore) -> None:
    """A row holds no more; how many are left out is told."""
    run = await started(store)
    await store.add_repositories(run, [SHOP], later(1))
    await store.note_check(run, Check(SHOP, losses=tuple(map(loss, range(1000)))))
    found = await store.repository(run, SHOP)
    assert found is not None
    assert found.verified is not None
    assert (len(found.verified.losses), found.verified.more) == (MOST_KEPT, 1000 - MOST_KEPT)


async def test_a_check_of_what_is_not_there(store: RunStore) -> None:
    """Nothing comes of it."""
    run = await started(store)
    await store.note_check(run, Check(SHOP))
    await store.note_check(RunId("nobody"), Check(SHOP))
    assert await store.repository(run, SHOP) is None
