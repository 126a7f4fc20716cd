"""What a look back found, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from purge_core.instants import Instant, format_instant
from purge_core.records.losses import Bond, Cause, Check, Loss
from purge_core.report.run_schema import object_schema
from purge_core.report.text import count, listed, paragraph, printable, short_digest
from purge_core.wire import JsonObject, Schemas, codec_of, write_value

_MOST: Final = 20
"""So many losses of a repository are told of one by one."""


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """Tell what was found, line by line, each at most 80 columns wide."""
    losses = [loss for check in checks for loss in check.losses]
    requests = count(sum(check.requests for check in checks), "request")
    looked = f"{_repositories(checks)} looked at again, with {requests}"
    found = _found(losses, blind=any(check.unread or check.error for check in checks))
    yield from paragraph(f"Verified: {looked}. {found}")
    for check in checks:
        yield from _repository(check)


def _repositories(checks: Sequence[Check]) -> str:
    manifests = count(sum(check.manifests for check in checks), "manifest")
    number = len(checks)
    return f"{number:,} {'repository' if number == 1 else 'repositories'} ({manifests})"


def _found(losses: Sequence[Loss], *, blind: bool) -> str:
    """Sum up, by who lost it."""
    if not losses:
        return "Some could not be." if blind else "Nothing that stays has lost a part."
    causes = [loss.cause for loss in losses]
    parts = (f"{causes.count(each):,} {_by(each)}" for each in Cause if each in causes)
    return f"Missing: {', '.join(parts)}."


def _by(cause: Cause) -> str:
    match cause:
        case Cause.THIS_RUN:
            return "deleted by this run"
        case Cause.ANOTHER_RUN:
            return "deleted by another run"
        case Cause.BEFORE:
            return "missing before it"
        case Cause.OTHERS:
            return "deleted meanwhile by somebody else"
        case Cause.UNKNOWN:
            return "of which nothing is on record"
        case _:
            assert_never(cause)


def _repository(check: Check) -> Iterator[str]:
    name = printable(check.repository)
    if check.error is not None:
        yield from paragraph(f"Not verified: {name}: {printable(check.error)}", "", "  ")
    if check.unread:
        text = f"{count(check.unread, 'manifest')} could not be read, or not be looked for"
        yield from paragraph(f"{name}: {text}.", "", "  ")
    if check.losses:
        yield name
    for loss in check.losses[:_MOST]:
        yield from paragraph(loss_sentence(loss), "  ", "    ")
    if (more := len(check.losses) + check.more - _MOST) > 0:
        yield f"  and {more:,} more (all of them with -o json)"


def loss_sentence(loss: Loss) -> str:
    """Say what is missing, where, and who lost it."""
    tags = f" ({listed(loss.tags)})" if loss.tags else ""
    holder, missing = short_digest(loss.holder) + tags, short_digest(loss.missing)
    who = f"deleted by run {printable(loss.run)}" if loss.run is not None else _by(loss.cause)
    match loss.bond:
        case Bond.CHILD:
            return f"{holder} lists {missing}, which is not there: {who}"
        case Bond.REFERRER:
            return f"{holder} has lost {missing}, which referred to it: {who}"
        case _:
            assert_never(loss.bond)


def checks_document(registry: str, now: Instant, run: str | None, checks: Sequence[Check]) -> str:
    """Give what was found as one JSON document, in ASCII."""
    document: JsonObject = {"registry": registry, "now": format_instant(now)}
    if run is not None:
        document["run"] = run
    document["repositories"] = [write_value(check) for check in checks]
    return json.dumps(document, indent=1).replace("\x7f", "\\u007f") + "\n"


def checks_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts: Schemas = {}
    properties: JsonObject = {
        "registry": {"type": "string"},
        "now": {"type": "string", "format": "date-time"},
        "run": {"type": "string", "description": "The run that was verified, if it was one."},
        "repositories": {"type": "array", "items": codec_of(Check).schema(parts)},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge verify",
        **object_schema(properties, {"run"}),
        "$defs": parts,
    }
