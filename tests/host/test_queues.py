"""Queue triggers and outputs, through a real Azurite."""

import json

import pytest

from tests.host.target import Target, eventually


def test_messages_go_from_function_to_function(target: Target) -> None:
    """A trigger, a `$return`, a second trigger and an output parameter work together."""
    target.queue("sample-done").clear()
    target.queue("sample-first").put("hello")
    assert target.queue("sample-done").take(1) == ["hello first second 1"]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ("plain", ["plain"]),
        ('{"a": 1}', ['{"a": 1}']),
        ('["one", "two"]', ["one", "two"]),
        ('[{"a": 1}, {"a": 2}]', ['{"a": 1}', '{"a": 2}']),
    ],
    ids=["text", "object", "array of texts", "array of objects"],
)
def test_text_output(target: Target, body: str, messages: list[str]) -> None:
    """A text is one message, unless it is a JSON array: then each element is one."""
    done = target.queue("sample-done")
    done.clear()
    assert target.call("POST", "/api/text-output", body=body.encode()).status == 200
    taken = done.take(len(messages))
    if body.startswith("[{"):
        assert [json.loads(text) for text in taken] == [json.loads(text) for text in messages]
    else:
        assert taken == messages


def test_list_output(target: Target) -> None:
    """A list is one message per item, and a text that looks like JSON stays whole."""
    done = target.queue("sample-done")
    done.clear()
    target.call("POST", "/api/list-output", body=json.dumps(["one", '{"a": 1}']).encode())
    assert done.take(2) == ["one", '{"a": 1}']


def test_message_that_always_fails_is_buried(target: Target) -> None:
    """After maxDequeueCount attempts a message goes to the poison queue, whose function gets it."""
    target.queue("sample-attempts").clear()
    target.queue("sample-fails").put("hopeless")
    assert target.queue("sample-buried").take(1) == ["hopeless"]
    assert target.queue("sample-attempts").take(3) == ["1", "2", "3"]
    assert target.queue("sample-fails").empty()


def test_message_in_a_wrong_encoding_is_buried_unseen(target: Target) -> None:
    """What is not base64 never reaches the function."""
    target.queue("sample-second").put_raw("not base64!")
    assert target.queue("sample-second-poison").take(1) == ["not base64!"]


def test_completed_message_is_gone(target: Target) -> None:
    """A message that was processed is deleted."""
    target.queue("sample-done").clear()
    target.queue("sample-second").put("once")
    assert target.queue("sample-done").take(1) == ["once second 1"]
    eventually(lambda: target.queue("sample-second").empty() or None, "an empty queue")
