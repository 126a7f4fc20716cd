"""A deployment that may not delete: a plan that is applied ends, and says why nothing went."""

from purge_core.errors import AccessDenied
from purge_core.model import RepositoryName
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import RepositoryState, RunState
from purge_core.service.applying import apply_run
from purge_core.service.views import view_run
from tests.builders import NOW, image, repository
from tests.fakes import FakeRegistry
from tests.service_world import World

RULES = """
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
untagged: {older_than: 3d}
limits: {max_delete_share: 1}
"""
WHY = "contoso.azurecr.io denies delete on shop (401); the identity lacks AcrDelete"


async def test_apply_without_the_right() -> None:
    """Every step is denied with the role that is missing; one request was enough to know."""
    shop = repository("shop", *(image(name, tags=[name]) for name in ("pr-1", "pr-2", "pr-3")))
    app = World(FakeRegistry(shop, now=NOW), load_policy(RULES), mode=Mode.PLAN)
    app.registry.fail("delete_manifest", AccessDenied(WHY), times=None)
    run = await app.start()
    await app.run_to_end()
    await apply_run(app.service(), run.id)
    await app.run_to_end()

    view = await view_run(app.service(), run.id)
    assert view.run.state is RunState.DONE
    assert view.states == {RepositoryState.DONE: 1}
    assert [(each.outcome, each.steps) for each in view.outcomes] == [(Outcome.DENIED, 3)]
    steps = next(iter(app.store.runs[run.id].steps.values()))
    assert all("lacks AcrDelete" in step.detail for step in steps)
    assert len(app.registry.repos[RepositoryName("shop")].manifests) == 3
