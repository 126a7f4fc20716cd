"""The registry of a request, with what is remembered of its manifests from earlier runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from purge_core.bootstrap import connect, open_manifest_cache
from purge_core.cli.requests import Request
from purge_core.registry import MeasurableRegistry


def with_manifest_cache(request: Request, given: str | None) -> Request:
    """Use the file that the option ``--manifest-cache`` names, if it was given."""
    if given is None:
        return request
    return replace(request, settings=replace(request.settings, manifest_cache=given))


@asynccontextmanager
async def connected(request: Request) -> AsyncIterator[MeasurableRegistry]:
    """Open the registry, with as many connections as the run may have requests under way.

    Raises:
        InputError: it may receive no credential.

    """
    settings = replace(request.settings, concurrency=request.order.concurrency)
    async with (
        open_manifest_cache(settings) as memory,
        connect(
            settings,
            request.order.registry,
            path=request.source,
            memory=memory,
            repository_page_size=request.repository_page_size,
        ) as registry,
    ):
        yield registry
