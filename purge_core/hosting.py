"""The composition root of the app: the environment becomes a service for one invocation.

Clients belong to the event loop that opened them, so each invocation opens its own. What
is read from the environment is read once per process.
"""

import asyncio
import json
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final, TypeVar

from purge_core.adapters.acr_hosts import Standing, registry_host, standing_of
from purge_core.bootstrap import connect, current_instant, pace_of, read_used_images
from purge_core.durations import format_duration
from purge_core.errors import InputError, Problem, SettingsError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.manifest_memory import ManifestMemory
from purge_core.notices.notice import Notice
from purge_core.policies.acr_command import is_acr_command
from purge_core.policies.policy import Policy
from purge_core.policies.source import load_policy
from purge_core.registry import MeasurableRegistry
from purge_core.service.ports import Options, Post, ReadUsed, Service
from purge_core.settings import Settings
from purge_core.used_images import UsedImages
from purge_core.wording import shown

Value = TypeVar("Value")

DEFAULT_POLICY: Final = "purge-policy.yaml"
"""The file beside function_app.py that holds where PURGE_POLICY is not set."""
POLICY_NAME: Final = "default"
_SETTING: Final = "PURGE_POLICY"
_TIMEOUT: Final = "AzureFunctionsJobHost__functionTimeout"
"""The host takes every value of host.json from the environment as well, and prefers it."""
_TIMESPAN: Final = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})", re.ASCII)
_MARGIN: Final = Span(60 * TICKS_PER_SECOND)
"""What is under way when the time is up still has to end and to be recorded."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the environment says, checked as a whole."""

    settings: Settings
    options: Options


@asynccontextmanager
async def open_service(root: Path) -> AsyncIterator[Service]:
    """Open what one invocation needs; ``root`` is the folder of the app.

    Raises:
        SettingsError: with everything that is wrong with the settings.

    """
    from purge_core.adapters.queue_outbox import open_queue_outbox
    from purge_core.adapters.table_store import open_table_store

    configuration = configured(root)
    settings = configuration.settings
    if settings.journal is None or settings.queues is None:
        raise AssertionError("the settings of the app were not checked")
    async with (
        open_table_store(settings.journal) as store,
        open_queue_outbox(settings.queues) as outbox,
    ):
        yield Service(
            store=store,
            outbox=outbox,
            connect=_connector(settings, store),
            clock=current_instant,
            salt=lambda: secrets.token_hex(8),
            deadline=_deadline(settings),
            login_server=registry_host,
            read_used=_reader_of_used(root),
            pace=partial(pace_of, settings),
            post=_poster(settings),
            options=configuration.options,
        )


@cache
def configured(root: Path) -> Configuration:
    """Read the environment of the process; see ``configure``."""
    return configure(os.environ, root)


def configure(environ: Mapping[str, str], root: Path) -> Configuration:
    """Read an environment and the policy that it names.

    Raises:
        SettingsError: with everything that is wrong.

    """
    problems: list[Problem] = []
    policy = _attempt(problems, lambda: _deployed_policy(environ.get(_SETTING, ""), root))
    settings = _attempt(problems, lambda: Settings.of_app(environ))
    hosts = _attempt(problems, lambda: _hosts(settings)) if settings is not None else None
    if settings is not None:
        _attempt(problems, lambda: _require_time(settings, environ, root))
    if problems or policy is None or settings is None or hosts is None:
        raise SettingsError(problems)
    options = Options(
        registries=hosts,
        policy=policy,
        policy_name=POLICY_NAME,
        schedule=settings.schedule,
        mode=settings.mode,
        concurrency=settings.concurrency,
        workers=settings.workers_per_registry,
        retention=settings.retention,
        plan_max_age=settings.plan_max_age,
        breaker=settings.breaker,
        verify=settings.verify,
        told_of=settings.webhook.told_of,
        exact_bytes=settings.exact_bytes,
    )
    return Configuration(settings, options)


def _attempt(problems: list[Problem], read: Callable[[], Value]) -> Value | None:
    """Do one part of the reading; what is wrong with it is added to the problems."""
    try:
        return read()
    except InputError as error:
        problems.extend(error.problems)
        return None


def _deployed_policy(text: str, root: Path) -> Policy:
    """Read the policy that the setting holds or names; the packaged one where it is empty."""
    given = text.strip()
    inline = is_acr_command(given) or given.startswith("{") or "\n" in given
    content = given if inline else _read(root / (given or DEFAULT_POLICY), given)
    try:
        return load_policy(content)
    except InputError as error:
        raise SettingsError(
            Problem(f"{_SETTING}: {p.path}", p.found, p.expected) for p in error.problems
        ) from None


def _read(path: Path, given: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text in UTF-8"
        found = f"{shown(given or DEFAULT_POLICY)} ({why})"
        wanted = "a policy: the path of a file, a document in JSON, or an `acr purge` line"
        raise SettingsError([Problem(_SETTING, found, wanted)]) from None


def _require_time(settings: Settings, environ: Mapping[str, str], root: Path) -> None:
    """Check that a message hands on its rest well before the host would end the function."""
    limit = _function_timeout(environ, root)
    if limit is not None and settings.time_budget + _MARGIN > limit:
        latest = format_duration(Span(max(limit - _MARGIN, 0)))
        wanted = f"at most {latest}, a minute below functionTimeout in host.json"
        found = format_duration(settings.time_budget)
        raise SettingsError([Problem("PURGE_TIME_BUDGET", found, wanted)])


def _function_timeout(environ: Mapping[str, str], root: Path) -> Span | None:
    """Read when the host ends a function; ``None``: never, or it says so in no known way."""
    text = environ.get(_TIMEOUT)
    path = root / "host.json"
    if not text and path.is_file():
        text = str(json.loads(path.read_text(encoding="utf-8-sig")).get("functionTimeout"))
    found = _TIMESPAN.fullmatch(text or "")
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return Span((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * TICKS_PER_SECOND)


def _hosts(settings: Settings) -> tuple[str, ...]:
    """Give the login servers of the app's registries, if each may be spoken to."""
    problems: list[Problem] = []
    hosts = [_attempt(problems, partial(_host, name, settings)) for name in settings.registries]
    if problems:
        raise SettingsError(problems)
    return tuple(dict.fromkeys(host for host in hosts if host is not None))


def _host(name: str, settings: Settings) -> str:
    host = registry_host(name, path="PURGE_REGISTRIES")
    if standing_of(host, settings.trusted_hosts) is Standing.STRANGER:
        wanted = "a registry of Azure, or one that PURGE_TRUSTED_HOSTS names as well"
        raise SettingsError([Problem("PURGE_REGISTRIES", shown(name), wanted)])
    return host


def _connector(
    settings: Settings, memory: ManifestMemory
) -> Callable[[str], AbstractAsyncContextManager[MeasurableRegistry]]:
    def open_one(host: str) -> AbstractAsyncContextManager[MeasurableRegistry]:
        return connect(settings, host, path="PURGE_REGISTRIES", memory=memory)

    return open_one


def _poster(settings: Settings) -> Post:
    async def post(notice: Notice) -> None:
        from purge_core.adapters.webhook import post_notice

        await post_notice(settings.webhook, notice)

    return post


def _reader_of_used(root: Path) -> ReadUsed:
    """Read lists of images in use; a relative path is below the folder of the app."""

    async def read(policy: Policy, host: str) -> UsedImages:
        return await read_used_images(policy.in_use, host, current_instant(), root)

    return read


def _deadline(
    settings: Settings,
) -> Callable[[asyncio.Event], AbstractContextManager[None]]:
    seconds = settings.time_budget / TICKS_PER_SECOND

    @contextmanager
    def watch(stop: asyncio.Event) -> Iterator[None]:
        handle = asyncio.get_running_loop().call_later(seconds, stop.set)
        try:
            yield
        finally:
            handle.cancel()

    return watch
