"""GET /api/metrics: the latest runs as numbers, for whoever collects them."""

from functools import partial
from http import HTTPStatus
from typing import Final

from purge_core.bounded import map_bounded
from purge_core.http.exchange import OPENMETRICS, Answer, Request
from purge_core.http.queries import Query
from purge_core.metrics import LOOKED_AT, metrics_text
from purge_core.service.ports import Service

_AT_ONCE: Final = 8


async def metrics(service: Service, request: Request) -> Answer:
    """Say how the latest runs of each of the app's registries went: one query for each."""
    Query.of(request).check()
    registries = service.options.registries
    pages = await map_bounded(
        partial(service.store.list_runs, limit=LOOKED_AT), registries, _AT_ONCE
    )
    runs = {name: page.items for name, page in zip(registries, pages, strict=True)}
    headers = {"Cache-Control": "no-store"}
    return Answer(HTTPStatus.OK, None, headers, OPENMETRICS, metrics_text(runs))
