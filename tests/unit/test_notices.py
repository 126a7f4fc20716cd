"""What somebody is told of a run, and its three shapes, whatever a registry's names are."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import jsonschema
import pytest

from purge_core.model import Digest, RepositoryName
from purge_core.notices.document import notice_document, notice_schema
from purge_core.notices.notice import MOST_TROUBLED, Amount, Notice, notice_of
from purge_core.notices.sending import body_of
from purge_core.notices.sentences import headline
from purge_core.notices.slack import slack_message
from purge_core.notices.teams import teams_message
from purge_core.notices.webhook import Event, Format
from purge_core.records.losses import Bond, Cause, Check, Loss
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import OutcomeCount, RunState
from purge_core.records.sums import sums_of
from tests.notices import (
    ENDED,
    GIB,
    HOSTILE,
    RUN,
    failed,
    held_notice,
    hostile_notice,
    notice,
    record,
    refused,
    run,
)

DENIED = OutcomeCount(Outcome.DENIED, 3, 3, 3, GIB)
GONE = OutcomeCount(Outcome.ALREADY_GONE, 3, 3, 3, GIB)
LOSS = Loss(
    Bond.CHILD, Digest(f"sha256:{'a' * 64}"), (), Digest(f"sha256:{'b' * 64}"), Cause.THIS_RUN
)
DAMAGE = Check(RepositoryName("shop/web"), losses=(LOSS,), more=2)
EVERY = {
    "deleted": notice(),
    "held": held_notice(),
    "refused": notice([record(), refused()]),
    "failed": notice([record(), failed(), record(outcomes=(DENIED,))]),
    "damage": notice([record(verified=DAMAGE)]),
    "a failed run": notice_of(run(RunState.FAILED, error="no role"), []),
    "a plan with trouble": notice([refused()], RunState.PLANNED),
    "hostile names": hostile_notice(),
    "very many": notice([failed(f"shop/{n}", "x" * 3_000) for n in range(3_000)]),
}


def texts(value: object) -> Iterator[str]:
    """Yield every string in a JSON value, those that are names of members aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


# --- what is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "events"),
    [
        (notice(), {Event.DELETED}),
        (notice([record(outcomes=(GONE,))]), set()),
        (notice([], RunState.PLANNED), set()),
        (held_notice(), {Event.HELD}),
        (notice([refused()], RunState.PLANNED), {Event.REFUSED}),
        (notice([record(), refused(), failed()]), {Event.DELETED, Event.REFUSED, Event.FAILED}),
        (notice([record(outcomes=(DENIED,))]), {Event.FAILED}),
        (notice_of(run(RunState.FAILED, error="why"), []), {Event.FAILED}),
        (notice([record(verified=DAMAGE)]), {Event.DELETED, Event.FAILED}),
    ],
)
def test_events(found: Notice, events: set[Event]) -> None:
    """Several may hold of one run; a run that did nothing and had no trouble is none."""
    assert set(found.events) == events


def test_the_id_is_that_of_the_end() -> None:
    """The same end, the same id; a held run that is applied later has another one."""
    assert notice() == notice()
    assert notice().id == f"{RUN}/done"
    assert held_notice().id == f"{RUN}/held"


def test_the_sums() -> None:
    """What went and what was planned are counted over all repositories; bytes are a bound."""
    found = notice([record("a"), record("b", outcomes=(DENIED,)), refused()])
    assert found.deleted == Amount(12, 8, 4 * GIB)
    assert found.planned == Amount(24, 16, 8 * GIB)
    assert (found.repositories.total, found.repositories.refused) == (3, 1)
    assert found.ended == ENDED


def test_trouble_is_named_up_to_a_number() -> None:
    """The first ones with the reason, the others counted."""
    found = notice([record(), *(failed(f"shop/{n}") for n in range(MOST_TROUBLED + 5))])
    assert len(found.troubled) == MOST_TROUBLED
    assert found.more_troubled == 5
    assert found.troubled[0].why == "the registry answers 503"
    both = notice([record(outcomes=(DENIED,), error="no role")])
    assert both.troubled[0].why == "no role; 3 steps denied"
    [damaged] = EVERY["damage"].troubled
    assert "lists sha256:bbbbbbbbbbbb, which is not there: deleted by this run" in damaged.why
    assert damaged.why.endswith("; 2 more of this kind")


# --- JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_json_fits_its_schema(name: str) -> None:
    """Whatever is told is as the published schema says, and says no more."""
    schema = notice_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    sent = json.loads(body_of(EVERY[name], Format.JSON))
    jsonschema.validate(sent, schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(sent | {"more": 1}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(sent | {"version": 2}, schema)


def test_json_holds_names_as_they_are() -> None:
    """A program gets the true name; only ASCII goes over the wire."""
    body = body_of(hostile_notice(), Format.JSON)
    assert body.isascii()
    found = [each["repository"] for each in json.loads(body)["troubled"]]
    assert found == list(HOSTILE)


def test_json_of_a_held_run() -> None:
    """Why it is held, with its numbers."""
    found = notice_document(held_notice())
    assert found["held"] == {"code": "too-many-deletions", "deletions": 9_000, "limit": 5_000}


# --- chats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_chats_take_the_size(name: str) -> None:
    """Teams takes 28 KB; Slack 50 blocks of 3,000 characters each."""
    assert len(body_of(EVERY[name], Format.TEAMS)) < 21_000
    blocks = slack_message(EVERY[name])["blocks"]
    assert len(blocks) <= 50
    assert all(1 <= len(block["text"]["text"]) <= 3_000 for block in blocks)


@pytest.mark.parametrize("shape", [Format.TEAMS, Format.SLACK])
def test_no_chat_shows_what_hides(shape: Format) -> None:
    """No control character, direction mark, invisible letter or half of a pair gets through."""
    for text in texts(json.loads(body_of(hostile_notice(), shape))):
        assert (text.replace("\n", "") if shape is Format.SLACK else text).isprintable()


def test_teams_knows_no_markup() -> None:
    """All text is in runs, which know no Markdown, and nothing is a date function."""
    message = teams_message(hostile_notice())
    assert message["type"] == "message"
    [attachment] = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {each["type"] for each in runs} == {"TextRun"}
    assert not any("{{" in text for text in texts(message))
    assert not any(key in json.dumps(message) for key in ('"selectAction"', '"url"', "msteams:"))


def test_slack_mentions_and_links_nobody() -> None:
    """No angle bracket is left, every & begins an entity, and no name leaves its code marks."""
    for text in texts(slack_message(hostile_notice())):
        assert not set("<>") & set(text)
        assert re.sub(r"&(?:amp|lt|gt);", "", text).count("&") == 0
        for line in text.split("\n"):
            assert line.count("`") in (0, 2)
    blocks = slack_message(hostile_notice())["blocks"]
    assert all(block["text"]["verbatim"] is True for block in blocks)
    code = re.compile(r"`[^`\n]+`")
    names = [code.sub("", block["text"]["text"]) for block in blocks[2:]]
    assert set("".join(names)) <= {"\n"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (notice(), "20 deletions on contoso.azurecr.io"),
        (notice([record(), failed()]), "20 deletions on contoso.azurecr.io, with trouble"),
        (
            held_notice(),
            "The run on contoso.azurecr.io is held: it waits for its apply, and deleted nothing",
        ),
        (notice([refused()], RunState.PLANNED), "The plan for contoso.azurecr.io has trouble"),
        (notice_of(run(RunState.FAILED), []), "The run on contoso.azurecr.io failed"),
    ],
)
def test_the_first_line_says_it(found: Notice, said: str) -> None:
    """Whoever reads only one line of the chat knows what happened."""
    assert headline(found) == said
    assert slack_message(found)["text"] == said
    card = teams_message(found)["attachments"][0]["content"]
    assert card["body"][0]["inlines"][0]["text"] == said


def test_chats_tell_the_facts() -> None:
    """The numbers, why it is held, and what to do; the repositories with their reasons."""
    held = "\n".join(texts(slack_message(held_notice())))
    assert "9,000 deletions in one run, and 5,000 are permitted" in held
    assert "raise limits.max_deletions" in held
    some = "\n".join(texts(teams_message(EVERY["failed"])))
    assert "12 tags, 8 manifests, 4.0 GiB at most" in some
    assert "shop/cart: " in some
    assert "the registry answers 503" in some
    many = "\n".join(texts(slack_message(EVERY["very many"])))
    assert "2,990 repositories" in many


def test_exact_bytes() -> None:
    """Only where they were counted and are known; in words, and as a number."""
    sums = replace(sums_of([record()]), exact_bytes=3 * GIB)
    found = notice_of(run(sums=sums), [record()])
    assert found.exact_bytes == 3 * GIB
    assert "*Frees exactly:* `3.0 GiB`" in "\n".join(texts(slack_message(found)))
    assert "exactly" not in "\n".join(texts(slack_message(notice())))


def test_a_host_that_is_none_is_escaped_too() -> None:
    """Even the registry's name is not believed."""
    odd = replace(notice(), registry="<!here>&")
    assert slack_message(odd)["text"] == "20 deletions on &lt;!here&gt;&amp;"
