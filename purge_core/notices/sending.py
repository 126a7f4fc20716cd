"""A notice on its way: written as its receiver takes it, and sent again when it was not taken."""

import json
from typing import Final, assert_never

from purge_core.errors import PurgeError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.notices.document import notice_document
from purge_core.notices.notice import Notice
from purge_core.notices.slack import slack_message
from purge_core.notices.teams import teams_message
from purge_core.notices.webhook import Format
from purge_core.wire import JsonObject

_PAUSES: Final = (10, 30, 60, 120, 300, 600, 1_800)
"""Seconds before a notice that was not taken is sent again: seven times, within an hour."""
_LONGEST_PAUSE: Final = 3_600
"""Seconds; a receiver may ask for more."""

_NO_WAIT: Final = Span(0)


class NotTaken(PurgeError):
    """A notice was not taken, as far as is known. No message of this error holds the URL."""

    def __init__(self, why: str, *, final: bool, wait: Span = _NO_WAIT) -> None:
        """Say why; ``final``: it would not be the next time either. ``wait``: as was asked."""
        super().__init__(why)
        self.final = final
        self.wait = wait


def body_of(notice: Notice, shape: Format) -> bytes:
    """Write a notice as its receiver takes it."""
    match shape:
        case Format.JSON:
            return json.dumps(notice_document(notice)).encode()
        case Format.TEAMS:
            return _of_chat(teams_message(notice))
        case Format.SLACK:
            return _of_chat(slack_message(notice))
        case _:
            assert_never(shape)


def _of_chat(message: JsonObject) -> bytes:
    """Write a message short: chats count its bytes. All in it is printable."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def pause_after(attempt: int, wait: Span) -> Span | None:
    """Say how long to wait after so many attempts; ``None``: it was the last one."""
    if attempt >= len(_PAUSES):
        return None
    longest = _LONGEST_PAUSE * TICKS_PER_SECOND
    return Span(max(_PAUSES[attempt] * TICKS_PER_SECOND, min(wait, longest)))
