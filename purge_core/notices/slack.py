"""A notice as Slack takes it at an incoming webhook: blocks, and a text for notifications.

Slack wants ``&``, ``<`` and ``>`` written as entities: only with angle brackets can a text mention
somebody or link. What comes from outside stands in code marks besides, where nothing formats.

Sources: https://docs.slack.dev/messaging/formatting-message-text
and https://docs.slack.dev/reference/block-kit/composition-objects/text-object
"""

from collections.abc import Iterable
from typing import Final, assert_never

from purge_core.notices.notice import Notice
from purge_core.notices.sentences import Fact, Tone, facts, headline, tone, troubles
from purge_core.report.text import printable
from purge_core.wire import JsonObject

_MOST: Final = 10
"""Repositories that are named: a message holds 50 blocks."""


def slack_message(notice: Notice) -> JsonObject:
    """Give the message."""
    said = headline(notice)
    return {
        "text": _escaped(said),
        "blocks": [
            _section(f"{_sign(notice)} *{_escaped(said)}*"),
            _section("\n".join(map(_line, facts(notice)))),
            *_sections(troubles(notice, _MOST)),
        ],
    }


def _sign(notice: Notice) -> str:
    found = tone(notice)
    match found:
        case Tone.GOOD:
            return ":white_check_mark:"
        case Tone.WARNING:
            return ":warning:"
        case Tone.BAD:
            return ":x:"
        case _:
            assert_never(found)


def _line(fact: Fact) -> str:
    return f"*{fact.title}:* {_code(fact.value)}"


def _sections(found: Iterable[Fact]) -> list[JsonObject]:
    return [_section(f"{_code(fact.title)}\n{_code(fact.value)}") for fact in found]


def _section(text: str) -> JsonObject:
    """Make a block; ``verbatim`` keeps Slack from looking for names and addresses in it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _code(text: str) -> str:
    return f"`{_escaped(text).replace('`', chr(0x02CB))}`"


def _escaped(text: str) -> str:
    clean = printable(text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
