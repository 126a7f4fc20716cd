"""Checks for people, at most 80 columns wide, and as one JSON document for programs."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from purge_core.checkup.checks import Check, State, all_well
from purge_core.report.text import count, paragraph, printable

_INDENT: Final = "  "
_WIDTH: Final = 9
"""Columns of a state and the blanks behind it."""


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """Tell all checks, subject by subject, and what follows from them."""
    for subject, group in groupby(checks, key=attrgetter("subject")):
        yield printable(subject)
        for check in group:
            yield from _lines(check)
        yield ""
    missing = sum(check.state is State.MISSING for check in checks)
    if missing:
        yield f"{count(missing, 'thing')} missing: what is intended will not work yet."
    else:
        yield "Nothing is missing."


def _lines(check: Check) -> Iterator[str]:
    head = f"{_INDENT}{check.state.value:<{_WIDTH}}"
    hanging = " " * len(head)
    yield from paragraph(printable(f"{check.topic}: {check.said}"), head, hanging)
    for command in check.mend:
        yield f"{hanging}> {printable(command)}"


def check_document(checks: Sequence[Check]) -> dict[str, object]:
    """Write all checks as JSON values."""
    return {
        "version": 1,
        "well": all_well(checks),
        "checks": [
            {
                "subject": check.subject,
                "topic": check.topic,
                "state": check.state.value,
                "said": check.said,
                "mend": list(check.mend),
            }
            for check in checks
        ],
    }


def checkup_schema() -> dict[str, object]:
    """Describe the document as JSON Schema (2020-12)."""
    text = {"type": "string"}
    check = {
        "subject": {**text, "description": "Whose it is: a host, or the configuration."},
        "topic": {**text, "description": "What was looked at."},
        "state": {
            "enum": [state.value for state in State],
            "description": "missing: what is intended will not work; unseen: it cannot be told.",
        },
        "said": text,
        "mend": {"type": "array", "items": text, "description": "Commands that mend it."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge checkup",
        **_object(
            {
                "version": {"const": 1},
                "well": {"type": "boolean", "description": "Whether nothing is missing."},
                "checks": {"type": "array", "items": _object(check)},
            }
        ),
    }


def _object(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
