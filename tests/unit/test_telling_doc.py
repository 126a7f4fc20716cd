"""docs/telling.md shows what is sent, and names what may be asked for."""

import json
import re

import jsonschema

from purge_core.adapters.webhook import TIME_LIMIT
from purge_core.notices.document import notice_document, notice_schema
from purge_core.notices.notice import MOST_TROUBLED
from purge_core.notices.sending import pause_after
from purge_core.notices.webhook import Event, Format
from purge_core.outbox import NOW as NO_DELAY
from tests.conftest import ROOT
from tests.notices import failed, notice, record, refused

DOC = (ROOT / "docs" / "telling.md").read_text(encoding="utf-8")


def test_the_example_is_what_is_sent() -> None:
    """To the letter, and as the schema says."""
    [block] = re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)
    shown = json.loads(block)
    assert shown == notice_document(notice([record(), refused(), failed()]))
    jsonschema.validate(shown, notice_schema())


def test_the_words_are_those_of_the_settings() -> None:
    """Every event and every format, and what is not sent for ever."""
    rows = re.findall(r"^\| `(\w+)` \|", DOC, re.MULTILINE)
    assert {event.value for event in Event} <= set(rows)
    assert all(f"`{shape.value}`" in DOC for shape in Format)
    assert f"up to {MOST_TROUBLED} repositories" in DOC
    assert f"in at most {TIME_LIMIT:g} seconds" in DOC
    minutes = [60, 120, 300, 600, 1_800]
    wanted = [10, 30, *minutes, None]
    pauses = [pause_after(attempt, NO_DELAY) for attempt in range(len(wanted))]
    assert [None if pause is None else pause // 10**7 for pause in pauses] == wanted
    assert "after 10 and 30 seconds, 1, 2, 5, 10 and 30 minutes" in DOC
