"""From a request to an answer: a handler, and words for every error that is expected."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from purge_core.errors import PurgeError
from purge_core.http.exchange import Answer, Handler, Request
from purge_core.http.problems import answer_of
from purge_core.service.ports import Service

Opener = Callable[[], AbstractAsyncContextManager[Service]]


async def serve(open_service: Opener, handler: Handler, request: Request) -> Answer:
    """Answer a request; a defect is raised, and the host answers 500."""
    try:
        async with open_service() as service:
            return await handler(service, request)
    except PurgeError as error:
        return answer_of(error)
