"""What the runtime reports about an app, as typed and checked functions.

The checks are those of the .NET host. That one starts with the functions that are right and reports
the others as being in error; this one refuses the app and names every problem, because a developer
wants to know.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from devhost.errors import ConfigurationError, IndexingError
from devhost.ncrontab import Schedule, parse_schedule
from devhost.routes import Route, compile_route
from devhost.settings import resolve, storage_connection

Binding = Mapping[str, object]

_QUEUE_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")


class AuthLevel(Enum):
    """Which key a request needs."""

    ANONYMOUS = "anonymous"
    FUNCTION = "function"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Metadata:
    """A function as the runtime describes it; `bindings` as the app wrote them."""

    name: str
    function_id: str
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """Runs on a request; empty `methods` means any."""

    parameter: str
    route: Route
    methods: frozenset[str]
    auth_level: AuthLevel


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    """Runs for each message of a queue."""

    parameter: str
    queue: str
    connection: str


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """Runs on a schedule."""

    parameter: str
    schedule: Schedule
    run_on_startup: bool
    use_monitor: bool


Trigger = HttpTrigger | QueueTrigger | TimerTrigger


@dataclass(frozen=True, slots=True)
class QueueOutput:
    """Delivers a parameter, or the return value (`$return`), to a queue."""

    parameter: str
    queue: str
    connection: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function that can be run; `connection`s hold connection strings."""

    metadata: Metadata
    trigger: Trigger
    outputs: tuple[QueueOutput, ...]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.metadata.name


def describe(name: str, function_id: str, raw_bindings: Sequence[str]) -> Metadata:
    """Build a function's metadata from the binding documents that the runtime answers."""
    return Metadata(name, function_id, tuple(json.loads(raw) for raw in raw_bindings))


def parse_functions(
    found: Sequence[Metadata], settings: Mapping[str, str], *, route_prefix: str
) -> tuple[Function, ...]:
    """Check and resolve all functions; raises IndexingError with every problem."""
    problems, functions = [], []
    if not found:
        problems.append("the app has no functions: function_app.py is missing or registers none")
    for metadata in found:
        try:
            functions.append(_function(metadata, settings, route_prefix))
        except ConfigurationError as error:
            problems.append(f"the function {metadata.name!r} is in error: {error}")
    if problems:
        raise IndexingError(problems)
    return tuple(functions)


def _function(metadata: Metadata, settings: Mapping[str, str], prefix: str) -> Function:
    triggers: list[Trigger] = []
    outputs: list[QueueOutput] = []
    for raw in metadata.bindings:
        binding = _resolved(raw, settings)
        parameter = str(binding["name"])
        match binding["type"]:
            case "httpTrigger":
                triggers.append(_http_trigger(parameter, binding, metadata.name, prefix))
            case "queueTrigger":
                triggers.append(QueueTrigger(parameter, *_queue(binding, settings)))
            case "timerTrigger":
                triggers.append(_timer_trigger(parameter, binding))
            case "queue":
                outputs.append(QueueOutput(parameter, *_queue(binding, settings)))
            case "http":
                pass
            case other:
                raise ConfigurationError(f"this host does not cover bindings of type {other!r}")
    if len(triggers) != 1:
        raise ConfigurationError(f"it has {len(triggers)} triggers, not one")
    return Function(metadata, triggers[0], tuple(outputs))


def _resolved(binding: Binding, settings: Mapping[str, str]) -> Binding:
    """Replace `%SETTING%` in every text of a binding, naming the property that lacks one."""
    resolved: dict[str, object] = {}
    for name, value in binding.items():
        try:
            resolved[name] = resolve(value, settings) if isinstance(value, str) else value
        except ConfigurationError as error:
            raise ConfigurationError(f"{name} of its {binding['type']}: {error}") from None
    return resolved


def _http_trigger(parameter: str, binding: Binding, function: str, prefix: str) -> HttpTrigger:
    methods = binding.get("methods")
    listed = methods if isinstance(methods, list) else []
    return HttpTrigger(
        parameter,
        compile_route(prefix, str(binding.get("route") or function)),
        frozenset(str(method).upper() for method in listed),
        AuthLevel(str(binding.get("authLevel") or "function").lower()),
    )


def _timer_trigger(parameter: str, binding: Binding) -> TimerTrigger:
    return TimerTrigger(
        parameter,
        parse_schedule(str(binding["schedule"])),
        run_on_startup=bool(binding.get("runOnStartup")),
        use_monitor=binding.get("useMonitor") is not False,
    )


def _queue(binding: Binding, settings: Mapping[str, str]) -> tuple[str, str]:
    """Return the queue's name and connection string."""
    name = str(binding["queueName"])
    if _QUEUE_NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"{name!r} is not a queue name (3 to 63 of a-z, 0-9 and single hyphens between them)"
        )
    return name, storage_connection(str(binding.get("connection") or ""), settings)
