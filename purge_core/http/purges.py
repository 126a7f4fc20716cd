"""POST /api/purges, and POST /api/runs/{id}/apply."""

from collections.abc import Iterator
from http import HTTPStatus

from purge_core.errors import InputError, Problem
from purge_core.http.bodies import Draft, read_purge
from purge_core.http.documents import begun_document, run_path
from purge_core.http.exchange import Answer, Request
from purge_core.http.queries import Query
from purge_core.model import RepositoryName
from purge_core.records.journal import Mode, RunId
from purge_core.records.store_records import RunRecord
from purge_core.service.applying import apply_run
from purge_core.service.asking import (
    Asked,
    is_working,
    problems_of,
    start_asked,
    wait_for,
)
from purge_core.service.ports import Service
from purge_core.service.views import view_of


async def start(service: Service, request: Request) -> Answer:
    """Begin a run: 200 when it is over within the wait, else 202."""
    query = Query.of(request, "at")
    at = query.later("at", service.clock())
    draft = read_purge(request.body)
    wanted = draft.request
    if wanted is None or query.problems:
        raise InputError([*query.problems, *draft.problems, *_further(service, draft)])
    asked = Asked(
        registry=wanted.registry,
        mode=Mode(wanted.mode),
        repositories=tuple(map(RepositoryName, wanted.repositories))
        if "repositories" in wanted.model_fields_set
        else None,
        document=draft.document,
        command=draft.command,
        at=at,
    )
    run = await wait_for(service, await start_asked(service, asked), wanted.wait)
    return await _begun(service, run, HTTPStatus.ACCEPTED if is_working(run) else HTTPStatus.OK)


def _further(service: Service, draft: Draft) -> Iterator[Problem]:
    """Say what is wrong with the members whose shape is right."""
    told = {problem.path for problem in draft.problems}
    wish = Asked(
        registry=draft.registry or "",
        mode=Mode.PLAN,
        document=draft.document,
        command=None if "command" in told else draft.command,
    )
    for problem in problems_of(service, wish):
        if problem.path not in told and (draft.registry is not None or problem.path != "registry"):
            yield problem


async def apply(service: Service, request: Request) -> Answer:
    """Have a stored plan carried out: 202."""
    Query.of(request).check()
    run = await apply_run(service, RunId(request.path["id"]))
    return await _begun(service, run, HTTPStatus.ACCEPTED)


async def _begun(service: Service, run: RunRecord, status: HTTPStatus) -> Answer:
    headers = {"Location": run_path(run)}
    return Answer(status, begun_document(await view_of(service, run)), headers)
