"""A notice as Microsoft Teams takes it: an Adaptive Card in a message, for a workflow's webhook.

Every text stands in a ``TextRun``, which knows no Markdown: so a name can neither format, link
nor mention anybody. Two braces would begin a date function there; they are kept apart.

Sources: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
and https://learn.microsoft.com/adaptive-cards/schema-explorer/text-run
"""

from collections.abc import Iterable
from typing import Final, assert_never

from purge_core.notices.notice import Notice
from purge_core.notices.sentences import Fact, Tone, facts, headline, tone, troubles
from purge_core.report.text import printable
from purge_core.wire import JsonObject

_MOST: Final = 10
"""Repositories that are named: the message stays far below the 28 KB that Teams takes."""


def teams_message(notice: Notice) -> JsonObject:
    """Give the message."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _plain(headline(notice)),
        "msteams": {"width": "Full"},
        "body": [
            _headline(notice),
            *_lines(facts(notice)),
            *_lines(troubles(notice, _MOST)),
        ],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _headline(notice: Notice) -> JsonObject:
    run = _run(headline(notice)) | {"size": "Large", "weight": "Bolder", "color": _color(notice)}
    return _block(run)


def _color(notice: Notice) -> str:
    found = tone(notice)
    match found:
        case Tone.GOOD:
            return "Good"
        case Tone.WARNING:
            return "Warning"
        case Tone.BAD:
            return "Attention"
        case _:
            assert_never(found)


def _lines(found: Iterable[Fact]) -> list[JsonObject]:
    return [
        _block(_run(f"{fact.title}: ") | {"weight": "Bolder"}, _run(fact.value)) for fact in found
    ]


def _block(*runs: JsonObject) -> JsonObject:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str) -> JsonObject:
    return {"type": "TextRun", "text": _plain(text)}


def _plain(text: str) -> str:
    apart = printable(text)
    while "{{" in apart:
        apart = apart.replace("{{", "{ {")
    return apart
