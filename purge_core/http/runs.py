"""GET /api/runs and what lies below it."""

from http import HTTPStatus

from purge_core.errors import InputError
from purge_core.http.documents import (
    Document,
    listed_repository,
    listed_run,
    page,
    viewed_document,
)
from purge_core.http.exchange import Answer, Request
from purge_core.http.problems import missing
from purge_core.http.queries import MOST, Query, position
from purge_core.http.subjects import named_repository
from purge_core.records.journal import RunId
from purge_core.records.store_records import RepositoryRecord, RunRecord
from purge_core.report.records import kept_document, step_document
from purge_core.service.asking import accepted_registry
from purge_core.service.ports import Service
from purge_core.service.views import known_run, view_run

_PAGING = ("limit", "continuation")
_RUNS = "runs"
_REPOSITORIES = "repositories"
_STEPS = "steps"
_KEPT = "kept"
_USUAL = 50


async def list_runs(service: Service, request: Request) -> Answer:
    """List runs, newest first."""
    query = Query.of(request, "registry", *_PAGING)
    limit, (_, after) = query.limit(_USUAL), query.continuation(_RUNS)
    name = query.text("registry")
    registry = None
    if name is not None:
        try:
            registry = accepted_registry(service, name, "registry")
        except InputError as error:
            query.problems.extend(error.problems)
    query.check()
    found = await service.store.list_runs(registry, limit=limit, after=after)
    return _listed(page([listed_run(run) for run in found.items], _RUNS, found.next))


async def show_run(service: Service, request: Request) -> Answer:
    """Show one run: progress, sums, repositories by state."""
    Query.of(request).check()
    view = await view_run(service, RunId(request.path["id"]))
    return Answer(HTTPStatus.OK, viewed_document(view))


async def list_repositories(service: Service, request: Request) -> Answer:
    """List the repositories of a run."""
    query = Query.of(request, *_PAGING)
    limit, (_, after) = query.limit(MOST), query.continuation(_REPOSITORIES)
    query.check()
    run = await known_run(service, RunId(request.path["id"]))
    found = await service.store.repositories(run.id, limit=limit, after=after)
    items = [listed_repository(run, record) for record in found.items]
    return _listed(page(items, _REPOSITORIES, found.next))


async def show_repository(service: Service, request: Request) -> Answer:
    """Show one repository of a run: what goes, then what stays, each with its reasons."""
    query = Query.of(request, *_PAGING)
    limit, (part, after) = query.limit(MOST), query.continuation(_STEPS, _KEPT)
    query.check()
    run = await known_run(service, RunId(request.path["id"]))
    name = named_repository(request)
    record = await service.store.repository(run.id, name) if name else None
    if record is None:
        return missing("There is no such repository", f"run {run.id} has no repository {name!r}")
    items: list[Document] = []
    if part == _STEPS:
        steps = await service.store.steps(run.id, name, limit=limit, after=after)
        items = [step_document(step) for step in steps.items]
        if steps.next is not None:
            return _of_repository(run, record, page(items, _STEPS, steps.next))
        after = None
    kept, following = await _kept(service, record, limit - len(items), after)
    return _of_repository(run, record, page(items + kept, _KEPT, following))


async def _kept(
    service: Service, record: RepositoryRecord, limit: int, after: str | None
) -> tuple[list[Document], str | None]:
    """Give at most so many of what stays, and where the next ones begin.

    A page of the store may hold more than is wanted: then a token of ours says how many of it
    were given already.
    """
    number, _, stored = (after or "0,").partition(",")
    skipped = position(number)
    found = await service.store.kept(record.run, record.repository, after=stored or None)
    wanted = found.items[skipped : skipped + limit]
    given = skipped + len(wanted)
    following = None
    if given < len(found.items):
        following = f"{given},{stored}"
    elif found.next is not None:
        following = f"0,{found.next}"
    return [kept_document(each) for each in wanted], following


def _of_repository(run: RunRecord, record: RepositoryRecord, document: Document) -> Answer:
    return _listed(document | {"repository": listed_repository(run, record)})


def _listed(document: Document) -> Answer:
    return Answer(HTTPStatus.OK, document)
