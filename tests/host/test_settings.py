"""host.json, local settings, references to settings, connections, and the shape of messages."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from devhost.azurite import DEFAULT_PORTS, connection_string
from devhost.errors import ConfigurationError, OutputError
from devhost.protos import RpcHttp, TypedData
from devhost.queue_output import Encoding, messages_of
from devhost.settings import (
    HostJson,
    QueueOptions,
    load_host_json,
    load_local_settings,
    resolve,
    storage_connection,
)


def written(folder: Path, document: object) -> Path:
    """Write a JSON file and return its path."""
    path = folder / "settings.json"
    path.write_text(json.dumps(document))
    return path


def test_host_json_defaults(tmp_path: Path) -> None:
    """What host.json leaves out has the documented default."""
    assert load_host_json(written(tmp_path, {"version": "2.0"})) == HostJson(
        "api", timedelta(minutes=30), QueueOptions(16, 8, 5, timedelta(0), timedelta(minutes=1))
    )


def test_host_json_values(tmp_path: Path) -> None:
    """Everything that this host uses is read."""
    queues = {
        "batchSize": 1,
        "newBatchThreshold": 0,
        "maxDequeueCount": 7,
        "visibilityTimeout": "00:01:00",
        "maxPollingInterval": "00:00:02",
        "messageEncoding": "none",
    }
    document = {
        "version": "2.0",
        "functionTimeout": "-1",
        "extensions": {"http": {"routePrefix": ""}, "queues": queues},
    }
    options = QueueOptions(1, 0, 7, timedelta(minutes=1), timedelta(seconds=2), base64=False)
    assert load_host_json(written(tmp_path, document)) == HostJson("", None, options)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, '"version" must be "2.0"'),
        ([], "not a JSON object"),
        ({"version": "2.0", "functionTimeout": 30}, "functionTimeout must be a time span"),
        ({"version": "2.0", "extensions": []}, "'extensions' must be an object"),
        ({"version": "2.0", "extensions": {"queues": {"batchSize": 33}}}, "from 1 to 32"),
        ({"version": "2.0", "extensions": {"queues": {"maxDequeueCount": 0}}}, "from 1"),
        ({"version": "2.0", "extensions": {"queues": {"messageEncoding": "x"}}}, "base64"),
    ],
)
def test_wrong_host_json_is_refused(document: object, reason: str, tmp_path: Path) -> None:
    """The refusal names the setting."""
    with pytest.raises(ConfigurationError) as refused:
        load_host_json(written(tmp_path, document))
    assert reason in str(refused.value)


def test_local_settings(tmp_path: Path) -> None:
    """Values and port are read."""
    document = {"IsEncrypted": False, "Values": {"A": "1"}, "Host": {"LocalHttpPort": 7000}}
    settings = load_local_settings(written(tmp_path, document))
    assert (settings.values, settings.port) == ({"A": "1"}, 7000)


def test_local_settings_are_texts(tmp_path: Path) -> None:
    """A number where a text must stand is refused, as `func` refuses it."""
    with pytest.raises(ConfigurationError, match="must be strings: A, B"):
        load_local_settings(written(tmp_path, {"Values": {"B": 1, "A": True}}))


def test_references_are_resolved() -> None:
    """`%NAME%` becomes the setting's value, other texts stay."""
    assert resolve("x-%A%-%B%", {"A": "1", "B": "2"}) == "x-1-2"
    assert resolve("plain", {}) == "plain"


def test_missing_reference_is_refused() -> None:
    """A reference to nothing is an error that names it."""
    with pytest.raises(ConfigurationError, match="'%A%'"):
        resolve("%A%", {})


@pytest.mark.parametrize("settings", [{"Work": "x"}, {"AzureWebJobsWork": "x", "Work": "y"}])
def test_connection_by_either_name(settings: dict[str, str]) -> None:
    """A connection's setting may carry the prefix AzureWebJobs, which goes first."""
    assert storage_connection("Work", settings) == "x"


def test_development_storage_is_azurite() -> None:
    """The short form stands for an Azurite on its usual ports."""
    settings = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    assert storage_connection("", settings) == connection_string(DEFAULT_PORTS)


def test_missing_connection_is_refused() -> None:
    """A connection without a setting is an error that names it."""
    with pytest.raises(ConfigurationError, match="'Work'"):
        storage_connection("Work", {})


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        (TypedData(string="text"), ["text"]),
        (TypedData(string='["a", {"b": 1}, 2]'), ["a", '{"b": 1}', "2"]),
        (TypedData(string="[not json"), ["[not json"]),
        (TypedData(json='["a", "b"]'), ["a", "b"]),
        (TypedData(json="[]"), []),
        (TypedData(bytes=b"text"), ["text"]),
        (TypedData(int=7), ["7"]),
        (TypedData(), []),
    ],
)
def test_messages_of_an_output(value: TypedData, messages: list[str]) -> None:
    """An array is one message per element, anything else is one message."""
    assert messages_of(value) == messages


def test_binary_message_is_refused() -> None:
    """A message that is no text cannot be sent."""
    with pytest.raises(OutputError):
        messages_of(TypedData(bytes=b"\xff"))


@pytest.mark.parametrize(("base64", "raw"), [(True, "aMOp"), (False, "hé")])
def test_encoding(base64: bool, raw: str) -> None:
    """Messages are base64 of UTF-8, unless host.json says none."""
    encoding = Encoding(QueueOptions(base64=base64))
    assert encoding.encode("hé") == raw
    assert encoding.decode(raw) == "hé"


@pytest.mark.parametrize("raw", ["plain text", "abc", "//8="])
def test_wrong_encoding_is_noticed(raw: str) -> None:
    """What is not base64, or not text in base64, has no message."""
    assert Encoding(QueueOptions()).decode(raw) is None


def test_wrong_field_type_is_refused() -> None:
    """A message refuses what protobuf would refuse."""
    with pytest.raises(TypeError, match=r"TypedData\.string must be str, not int"):
        TypedData(string=7)
    with pytest.raises(TypeError, match="headers"):
        RpcHttp(status_code="200", headers={"X-Count": 7})
