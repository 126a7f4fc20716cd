"""Runs and what belongs to them, as the JSON that is answered."""

from typing import Any
from urllib.parse import quote

from purge_core.http.queries import token
from purge_core.model import RepositoryName
from purge_core.records.store_records import RepositoryRecord, RepositoryState, RunRecord
from purge_core.report.records import outcomes_document, repository_document, run_document
from purge_core.service.views import RunView
from purge_core.wire import write_value

Document = dict[str, Any]


def run_path(run: RunRecord) -> str:
    """Say where a run is found."""
    return f"/api/runs/{quote(run.id)}"


def repository_path(run: RunRecord, name: RepositoryName) -> str:
    """Say where a repository of a run is found."""
    return f"{run_path(run)}/repositories/{quote(name)}"


def viewed_document(view: RunView) -> Document:
    """Give a run with its progress and sums."""
    run, states = view.run, view.states
    waiting = states.get(RepositoryState.QUEUED, 0)
    ended = sum(number for state, number in states.items() if state.is_final)
    number = sum(states.values())
    return run_document(run) | {
        "states": {state.value: states.get(state, 0) for state in RepositoryState},
        "progress": {"repositories": number, "judged": number - waiting, "ended": ended},
        "totals": write_value(view.totals),
        "outcomes": outcomes_document(view.outcomes),
        "links": {"self": run_path(run), "repositories": f"{run_path(run)}/repositories"},
    }


def begun_document(view: RunView) -> Document:
    """Give what is answered to somebody who began a run."""
    return {
        "id": view.run.id,
        "state": view.run.state.value,
        "mode": view.run.mode.value,
        "registry": view.run.registry,
        "totals": write_value(view.totals),
        "outcomes": outcomes_document(view.outcomes),
        "links": {"self": run_path(view.run)},
    }


def listed_run(run: RunRecord) -> Document:
    """Give a run as a list shows it."""
    return run_document(run) | {"links": {"self": run_path(run)}}


def listed_repository(run: RunRecord, record: RepositoryRecord) -> Document:
    """Give a repository as a list shows it."""
    path = repository_path(run, record.repository)
    return repository_document(record) | {"links": {"self": path}}


def page(items: list[Document], name: str, after: str | None) -> Document:
    """Give one page of a list; ``after`` is where the next one begins."""
    return {"items": items, "next": None if after is None else token(name, after)}
