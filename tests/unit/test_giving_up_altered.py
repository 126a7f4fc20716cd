"""Runs end although what stands in the store about a step cannot be read any more."""

from purge_core.errors import AlteredRecord
from purge_core.instants import Instant
from purge_core.messages import Phase
from purge_core.model import RepositoryName
from purge_core.plans.plan import PurgePlan
from purge_core.policies.source import load_policy
from purge_core.records.journal import RunId
from purge_core.records.step_records import StepRecord
from purge_core.records.store_records import (
    MAX_PAGE,
    Page,
    RepositoryRecord,
    RepositoryState,
    RunState,
)
from tests.builders import NOW, image, repository
from tests.fake_store import FakeStore
from tests.fakes import FakeRegistry
from tests.service_world import World

POLICY = load_policy(
    "{version: 1, rules: [{tags: pr-.*, older_than: 3d, repositories: .*, allow_empty: true}]}"
)
BAD, GOOD = RepositoryName("bad"), RepositoryName("good")
TROUBLE = "a step in the journal cannot be read"


class Altered(FakeStore):
    """A store in which somebody altered a step of one repository, once it was planned."""

    async def load_plan(self, run: RunId, name: RepositoryName) -> PurgePlan | None:
        """Read the steps."""
        _require_readable(name)
        return await super().load_plan(run, name)

    async def steps(
        self, run: RunId, name: RepositoryName, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[StepRecord]:
        """Read the steps."""
        _require_readable(name)
        return await super().steps(run, name, limit=limit, after=after)

    async def finish_repository(
        self, run: RunId, name: RepositoryName, at: Instant
    ) -> RepositoryRecord:
        """Read the steps, to count their outcomes."""
        _require_readable(name)
        return await super().finish_repository(run, name, at)


def _require_readable(name: RepositoryName) -> None:
    if name == BAD:
        raise AlteredRecord(TROUBLE)


async def test_a_step_that_cannot_be_read() -> None:
    """Its repository fails and says why, deletes nothing, and keeps no other from its purge."""
    held = (repository(name, image(name, tags=["pr-1"])) for name in (BAD, GOOD))
    app = World(FakeRegistry(*held, now=NOW), POLICY)
    app.store = Altered()
    run = await app.start()
    await app.run_to_end()
    assert app.run(run.id).state is RunState.DONE
    found = app.store.runs[run.id].repositories
    assert {name: found[name].state for name in found} == {
        BAD: RepositoryState.FAILED,
        GOOD: RepositoryState.DONE,
    }
    assert TROUBLE in (found[BAD].error or "")
    assert {name for name, _ in app.deleted} == {GOOD}
    assert [message.phase for message in app.poisoned] == [Phase.PURGE]
