"""host.json, local.settings.json and what refers to settings, read as `func start` reads them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from devhost.azurite import DEFAULT_PORTS, connection_string
from devhost.errors import ConfigurationError

_TIMESPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):([0-5]?\d):([0-5]?\d)(?:\.\d+)?")
_REFERENCE = re.compile(r"%([^%]*)%")


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """`extensions.queues` of host.json, with the documented defaults."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: timedelta = timedelta(0)
    max_polling_interval: timedelta = timedelta(minutes=1)
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostJson:
    """What this host uses of host.json; `function_timeout` None means unbounded."""

    route_prefix: str = "api"
    function_timeout: timedelta | None = timedelta(minutes=30)
    queues: QueueOptions = field(default_factory=QueueOptions)


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """local.settings.json: the values for the environment and, when given, a port."""

    values: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None


def load_host_json(path: Path) -> HostJson:
    """Read host.json; raises ConfigurationError when it is missing or wrong."""
    document = _read_object(path)
    if document.get("version") != "2.0":
        raise ConfigurationError(f'{path}: "version" must be "2.0"')
    extensions = _object(document, "extensions", path)
    prefix = _object(extensions, "http", path).get("routePrefix", "api")
    if not isinstance(prefix, str):
        raise ConfigurationError(f"{path}: routePrefix must be a string")
    timeout = document.get("functionTimeout", "00:30:00")
    return HostJson(
        route_prefix=prefix,
        function_timeout=None if timeout == "-1" else _timespan("functionTimeout", timeout, path),
        queues=_queue_options(_object(extensions, "queues", path), path),
    )


def load_local_settings(path: Path) -> LocalSettings:
    """Read local.settings.json; raises ConfigurationError when it is missing or wrong."""
    document = _read_object(path)
    if document.get("IsEncrypted"):
        raise ConfigurationError(f"{path} is encrypted; run `func settings decrypt`")
    values = _object(document, "Values", path)
    wrong = sorted(name for name, value in values.items() if not isinstance(value, str))
    if wrong:
        raise ConfigurationError(f"{path}: these values must be strings: {', '.join(wrong)}")
    port = _object(document, "Host", path).get("LocalHttpPort")
    if port is not None and not isinstance(port, int):
        raise ConfigurationError(f"{path}: LocalHttpPort must be a number")
    return LocalSettings({name: str(value) for name, value in values.items()}, port)


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Replace every `%NAME%` by its setting; raises ConfigurationError when one is missing."""

    def value_of(match: re.Match[str]) -> str:
        value = settings.get(match[1])
        if value is None:
            raise ConfigurationError(f"'%{match[1]}%' does not resolve to a value: no such setting")
        return value

    return _REFERENCE.sub(value_of, text)


def storage_connection(name: str, settings: Mapping[str, str]) -> str:
    """Return the connection string behind a binding's `connection`; raises ConfigurationError."""
    name = name or "AzureWebJobsStorage"
    value = settings.get(f"AzureWebJobs{name}") or settings.get(name)
    if not value:
        raise ConfigurationError(
            f"the connection {name!r} is not set (this host knows connection strings only)"
        )
    if is_development_storage(value):
        return connection_string(DEFAULT_PORTS)
    return value


def is_development_storage(value: str) -> bool:
    """Tell whether a connection string is the short form for an Azurite on its usual ports."""
    return value.strip().rstrip(";").lower() == "usedevelopmentstorage=true"


def is_disabled(function: str, settings: Mapping[str, str]) -> bool:
    """Tell whether a setting `AzureWebJobs.<function>.Disabled` turns a function off."""
    value = settings.get(f"AzureWebJobs.{function}.Disabled", "")
    return value.lower() in {"1", "true"}


def _queue_options(section: Mapping[str, object], path: Path) -> QueueOptions:
    batch = _integer(section, "batchSize", 16, path)
    encoding = section.get("messageEncoding", "base64")
    if encoding not in {"base64", "none"}:
        raise ConfigurationError(f'{path}: messageEncoding must be "base64" or "none"')
    return QueueOptions(
        batch_size=batch,
        new_batch_threshold=_integer(section, "newBatchThreshold", batch // 2, path),
        max_dequeue_count=_integer(section, "maxDequeueCount", 5, path),
        visibility_timeout=_timespan(
            "visibilityTimeout", section.get("visibilityTimeout", "00:00:00"), path
        ),
        max_polling_interval=_timespan(
            "maxPollingInterval", section.get("maxPollingInterval", "00:01:00"), path
        ),
        base64=encoding == "base64",
    )


def _read_object(path: Path) -> Mapping[str, object]:
    try:
        document: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path} does not exist") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path} is not a JSON object")
    return document


def _object(section: Mapping[str, object], name: str, path: Path) -> Mapping[str, object]:
    value = section.get(name, {})
    if not isinstance(value, dict):
        raise ConfigurationError(f"{path}: {name!r} must be an object")
    return value


def _integer(section: Mapping[str, object], name: str, default: int, path: Path) -> int:
    value = section.get(name, default)
    lowest = 0 if name == "newBatchThreshold" else 1
    highest = 32 if name == "batchSize" else None
    if type(value) is not int or value < lowest or (highest is not None and value > highest):
        bounds = f"from {lowest}" + (f" to {highest}" if highest is not None else "")
        raise ConfigurationError(f"{path}: {name} must be a whole number {bounds}")
    return value


def _timespan(name: str, value: object, path: Path) -> timedelta:
    found = _TIMESPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ConfigurationError(f"{path}: {name} must be a time span such as 00:05:00")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
