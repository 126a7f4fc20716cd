"""The gate of a run, when another one looks at the same run in the same moment."""

from collections.abc import Collection

import pytest

from purge_core.messages import Phase
from purge_core.policies.source import load_policy
from purge_core.records.journal import RunId
from purge_core.records.store_records import RepositoryState, RunChange, RunState
from tests.builders import NOW, image, repository
from tests.fake_store import FakeStore
from tests.fakes import FakeRegistry
from tests.service_world import World

POLICY = load_policy(
    "{version: 1, rules: [{tags: pr-.*, older_than: 3d, repositories: .*, allow_empty: true}]}"
)


class Overtaken(FakeStore):
    """A store in which another gate moves the run just before this one does."""

    other: RunState = RunState.HELD

    async def move_run(self, run: RunId, sources: Collection[RunState], change: RunChange) -> bool:
        """Let the other gate have its way where a purge would begin."""
        if change.state is RunState.PURGING:
            await super().move_run(run, sources, RunChange(state=self.other, at=change.at))
        return await super().move_run(run, sources, change)


@pytest.mark.parametrize("state", [RunState.HELD, RunState.FAILED])
async def test_a_run_that_another_gate_stopped(state: RunState) -> None:
    """A gate that comes too late begins nothing, whatever it found itself."""
    app = World(FakeRegistry(repository("shop", image("a", tags=["pr-1"])), now=NOW), POLICY)
    app.store = store = Overtaken()
    store.other = state
    run = await app.start()
    await app.run_to_end()
    assert app.run(run.id).state is state
    found = app.store.runs[run.id].repositories.values()
    assert [record.state for record in found] == [RepositoryState.PLANNED]
    assert app.deleted == []


async def test_a_run_that_another_gate_began() -> None:
    """A gate that comes too late looks again, and so the run comes to its end."""
    app = World(FakeRegistry(repository("shop", image("a", tags=["pr-1"])), now=NOW), POLICY)
    app.store = store = Overtaken()
    store.other = RunState.PURGING
    run = await app.start()
    while app.run(run.id).state is not RunState.PURGING:
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        await app.deliver(letter)
    assert [message.phase for message in app.outbox.messages] == [Phase.GATE]
    await app.run_to_end()
    assert app.run(run.id).state is RunState.DONE
    assert len(app.deleted) == 1
