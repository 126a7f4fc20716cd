"""What is in use: read once before a run, and again before a kept plan is applied."""

import asyncio
from dataclasses import replace

from purge_core.bootstrap import current_instant, read_used_images
from purge_core.cli import console
from purge_core.cli.requests import Request
from purge_core.cli.runs import Shown, show
from purge_core.errors import UseUnknown
from purge_core.records.results import RunResult
from purge_core.report.text import count
from purge_core.used_images import UsedImages


def with_used(request: Request) -> Request:
    """Give the request with what is in use, by the lists that its policy names.

    Raises:
        UseUnknown: a list cannot be relied on, so nothing may be deleted.

    """
    lists, host = request.order.policy.in_use, request.order.registry
    if not lists:
        return request
    used = asyncio.run(read_used_images(lists, host, current_instant()))
    _tell(used, host)
    return replace(request, order=replace(request.order, used=used))


def with_used_shown(request: Request, shown: Shown) -> Request:
    """Do the same for a run; programs get their document when it is refused."""
    try:
        return with_used(request)
    except UseUnknown as error:
        if shown.output == "json":
            order = request.order
            show(request, RunResult(order.registry, order.policy, order.now, ()), shown, str(error))
        raise


def _tell(used: UsedImages, host: str) -> None:
    """Say how much was read; a list that names nothing here may be the wrong one."""
    others = f"{count(used.others, 'reference')} to other registries"
    if used.here:
        console.tell(f"in use: {count(used.here, 'reference')} to {host}, {others}")
    else:
        console.warn(f"the lists of images in use name nothing of {host}, only {others}")
