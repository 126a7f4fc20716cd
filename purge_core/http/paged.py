"""What goes wrong with a page, told as a page to whoever came with a browser."""

from dataclasses import replace
from functools import wraps

from purge_core.errors import InputError, PurgeError
from purge_core.http.addresses import links_of
from purge_core.http.exchange import Answer, Handler, Request
from purge_core.http.problems import answer_of
from purge_core.pages.frame import headers
from purge_core.pages.problem import problem_page
from purge_core.report.forms import Format
from purge_core.service.ports import Service


def paged(handler: Handler) -> Handler:
    """Let a handler's problem be a page, where one was asked for by name."""

    @wraps(handler)
    async def answer(service: Service, request: Request) -> Answer:
        try:
            return await handler(service, request)
        except PurgeError as error:
            if not _wants_page(request):
                raise
            return _page(error, request)

    return answer


def _wants_page(request: Request) -> bool:
    """Whether ``?format=`` or, without it, the header names pages; whoever takes all does not."""
    asked = request.query.get("format")
    accepted = (each.partition(";")[0].strip() for each in request.accept.lower().split(","))
    return asked == Format.HTML.value or (asked is None and Format.HTML.media_type in accepted)


def _page(error: PurgeError, request: Request) -> Answer:
    answer = answer_of(error)
    known = answer.document if isinstance(answer.document, dict) else {}
    title = str(known.get("title", answer.status.phrase))
    problems = error.problems if isinstance(error, InputError) else ()
    text = problem_page(title, str(error), problems, links_of(request))
    return replace(answer, headers=headers(), media_type=Format.HTML.media_type, text=text)
