"""What ``--at`` does: judge as of a later time, as if nothing were pushed until then."""

from dataclasses import replace

from purge_core.cli.requests import Request
from purge_core.errors import InputError, Problem
from purge_core.instants import format_instant, parse_moment
from purge_core.wording import shown


def at_time(request: Request, at: str | None) -> Request:
    """Give the request as of the time ``at``, where one is given.

    Raises:
        InputError: it is no time, or has passed: what was there then is not known.

    """
    if at is None:
        return request
    now = request.order.now
    try:
        later = parse_moment(at)
    except ValueError:
        wanted = "a time such as 2026-12-24 or 2026-12-24T18:00:00Z"
        raise InputError([Problem("--at", shown(at), wanted)]) from None
    if later <= now:
        wanted = f"a time after now, which is {format_instant(now)[:19]}Z"
        raise InputError([Problem("--at", shown(at), wanted)])
    return replace(request, order=replace(request.order, now=later, read=now))
