"""Queue messages: written, read back, and refused when they are anything else."""

import json

import pytest

from purge_core.errors import InputError
from purge_core.messages import MOST_BYTES, Message, Phase, read_message, write_message
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId

PLAN = Message(
    phase=Phase.PLAN,
    run=RunId("20261121T010000.000Z-3f9a1c2b4d"),
    registry="contoso.azurecr.io",
    repository=RepositoryName("shop/web"),
    attempt=3,
    waits=2,
)


@pytest.mark.parametrize(
    "message",
    [
        PLAN,
        Message(phase=Phase.PLAN, run=RunId("r"), registry="c.azurecr.io"),
        Message(phase=Phase.GATE, run=RunId("r"), registry="127.0.0.1:5000", attempt=1_000_000),
        Message(phase=Phase.TELL, run=RunId("r"), registry="c", attempt=3),
        Message(phase=Phase.MEASURE, run=RunId("r"), registry="c", waits=2),
        Message(
            phase=Phase.PURGE, run=RunId("r"), registry="c", repository=RepositoryName("ü/\n\x00")
        ),
    ],
)
def test_message_is_read_as_it_was_written(message: Message) -> None:
    """Every field comes back."""
    assert read_message(write_message(message)) == message


def test_message_is_a_plain_json_object() -> None:
    """People who look into the queue see what it is about."""
    assert json.loads(write_message(PLAN)) == {
        "phase": "plan",
        "run": "20261121T010000.000Z-3f9a1c2b4d",
        "registry": "contoso.azurecr.io",
        "repository": "shop/web",
        "attempt": 3,
        "waits": 2,
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"phase": "delete"}, "message.phase"),
        ({"phase": None}, "message.phase"),
        ({"run": ""}, "message.run"),
        ({"run": 7}, "message.run"),
        ({"registry": ""}, "message.registry"),
        ({"repository": ""}, "message.repository"),
        ({"attempt": -1}, "message.attempt"),
        ({"waits": -1}, "message.waits"),
        ({"attempt": True}, "message.attempt"),
        ({"attempt": 1.5}, "message.attempt"),
        ({"phase": "purge", "repository": None}, "message.repository"),
        ({"phase": "gate"}, "message.repository"),
        ({"phase": "tell"}, "message.repository"),
        ({"phase": "measure"}, "message.repository"),
        ({"more": 1}, "message.more"),
    ],
)
def test_anything_else_is_refused(change: dict[str, object], path: str) -> None:
    """A message with a wrong, missing or unknown member is none, and the problem has a path."""
    document = json.loads(write_message(PLAN)) | change
    with pytest.raises(InputError) as refused:
        read_message(json.dumps(document))
    assert [problem.path for problem in refused.value.problems] == [path]


@pytest.mark.parametrize("text", ["", "hello", "[]", "null", "{", "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    """Whatever stands in the queue, reading it ends in words."""
    with pytest.raises(InputError):
        read_message(text)


def test_all_problems_are_told_at_once() -> None:
    """One look is enough to know everything that is wrong."""
    with pytest.raises(InputError) as refused:
        read_message('{"phase": "x", "run": 1}')
    assert {p.path for p in refused.value.problems} == {"message.registry"}
    with pytest.raises(InputError) as refused:
        read_message('{"phase": "x", "run": 1, "registry": 2}')
    assert len(refused.value.problems) == 3


def test_message_fits_a_queue_message() -> None:
    """What would be cut off by the queue is not sent at all."""
    long = Message(
        phase=Phase.PLAN, run=RunId("r"), registry="c", repository=RepositoryName("x" * MOST_BYTES)
    )
    with pytest.raises(InputError, match="bytes"):
        write_message(long)


def test_again_counts() -> None:
    """Putting work back changes nothing but the count."""
    assert write_message(PLAN.again) == write_message(PLAN).replace("3,", "4,")
