"""Laws of notices: whatever a registry's names are, a chat shows text and nothing else."""

import json
import re

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from purge_core.model import RepositoryName
from purge_core.notices.document import notice_schema
from purge_core.notices.notice import Notice, notice_of
from purge_core.notices.sending import body_of
from purge_core.notices.webhook import Format
from purge_core.records.store_records import RunState
from tests.notices import failed, record, refused, run

MARKS = "<>&`*_~[](){}@#!|:\\\"'\n\r\t\x00\x1b\u202e\u200b\ud800a日"
ODD = st.text(st.sampled_from(MARKS), max_size=60)
NAMES = st.one_of(ODD, st.text(max_size=60)).filter(bool)
SCHEMA = jsonschema.Draft202012Validator(notice_schema())


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    """Make a notice of a run whose names and errors may be anything."""
    bad = [failed(draw(NAMES), draw(NAMES)) for _ in range(draw(st.integers(0, 30)))]
    state = draw(st.sampled_from((RunState.DONE, RunState.FAILED, RunState.PLANNED)))
    ended = run(state, error=draw(st.none() | NAMES), policy_name=draw(NAMES))
    return notice_of(ended, [record(), refused(draw(NAMES)), *bad])


def written(value: object) -> list[str]:
    """Return every string in a JSON value but the names of members."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in written(part)]


@given(notices())
def test_json_is_as_its_schema_says(notice: Notice) -> None:
    """It can be read back, and every name in it is the true one."""
    document = json.loads(body_of(notice, Format.JSON))
    SCHEMA.validate(document)
    names = [RepositoryName(each["repository"]) for each in document["troubled"]]
    assert names == [each.repository for each in notice.troubled]


@given(notices())
def test_slack_sees_no_markup_of_others(notice: Notice) -> None:
    """No angle bracket, no loose entity, and nothing from outside leaves its code marks."""
    for text in written(json.loads(body_of(notice, Format.SLACK))):
        assert not set("<>") & set(text)
        assert "&" not in re.sub("&(?:amp|lt|gt);", "", text)
        assert all(line.isprintable() for line in text.split("\n"))
        assert all(line.count("`") in (0, 2) for line in text.split("\n"))


@given(notices())
def test_teams_sees_text_runs_only(notice: Notice) -> None:
    """All that is shown is in text runs, printable, and no date function; it is never too long."""
    body = body_of(notice, Format.TEAMS)
    assert len(body) < 21_000
    message = json.loads(body)
    blocks = message["attachments"][0]["content"]["body"]
    assert {block["type"] for block in blocks} == {"RichTextBlock"}
    assert {part["type"] for block in blocks for part in block["inlines"]} == {"TextRun"}
    assert all(text.isprintable() and "{{" not in text for text in written(message))
