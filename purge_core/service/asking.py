"""A run that somebody asks for: read against the deployed policy, started, waited for."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from purge_core.errors import InputError, Problem
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.policies.acr_command import parse_acr_policy
from purge_core.policies.document import policy_from
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.records.store_records import RunRecord, RunState, Trigger
from purge_core.service.orders import Task, guarded
from purge_core.service.ports import Service
from purge_core.service.starting import Wish, start_run
from purge_core.service.views import known_run
from purge_core.wording import shown

_FIRST_PAUSE: Final = 0.25
"""Seconds between the first two looks at a run that is waited for."""
_LONGEST_PAUSE: Final = 2.0
_WORKING: Final = (RunState.QUEUED, RunState.PLANNING, RunState.PURGING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. What goes is said by a document, by a command, or by neither.

    Then the deployed policy is meant. ``at``: only a plan, as of a later time, as if nothing
    were pushed until then.
    """

    registry: str
    mode: Mode
    repositories: tuple[RepositoryName, ...] | None = None
    document: dict[str, Any] | None = None
    command: str | None = None
    at: Instant | None = None


async def start_asked(service: Service, asked: Asked) -> RunRecord:
    """Begin the run; the deployed protections and limits hold whatever is asked for.

    Raises:
        InputError: with all problems of what is asked for.
        JournalError: it could not be remembered.
        OutboxError: nobody could be told.

    """
    problems: list[Problem] = []
    registry = _registry(service, asked.registry, problems)
    policy, mode = _policy(service, asked, problems)
    if asked.at is not None and mode is Mode.PURGE:
        problems.append(Problem("at", "a time beside mode purge", "mode plan"))
    if problems:
        raise InputError(problems)
    wish = Wish(
        registry=registry,
        task=Task(guarded(policy, service.options.policy), asked.repositories),
        policy_name=_name(service, asked),
        mode=mode,
        trigger=Trigger.HTTP,
        moment=service.clock(),
        salt=service.salt(),
        at=asked.at,
    )
    return await start_run(service, wish)


def problems_of(service: Service, asked: Asked) -> list[Problem]:
    """Say what is wrong with what is asked for, and begin nothing."""
    problems: list[Problem] = []
    _registry(service, asked.registry, problems)
    _policy(service, asked, problems)
    return problems


async def wait_for(service: Service, run: RunRecord, seconds: float) -> RunRecord:
    """Wait until nothing goes on in a run, but no longer than so many seconds."""
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + seconds, _FIRST_PAUSE
    while is_working(run) and (left := until - loop.time()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
        run = await known_run(service, run.id)
    return run


def is_working(run: RunRecord) -> bool:
    """Whether somebody works on the run."""
    return run.state in _WORKING


def accepted_registry(service: Service, name: str, path: str) -> str:
    """Give the login server of one of the app's registries.

    Raises:
        InputError: it is none of them; nothing was asked of any host.

    """
    problems: list[Problem] = []
    registry = _registry(service, name, problems, path)
    if problems:
        raise InputError(problems)
    return registry


def _registry(service: Service, name: str, problems: list[Problem], path: str = "registry") -> str:
    known = service.options.registries
    try:
        host = service.login_server(name)
    except InputError:
        host = ""
    if host not in known:
        wanted = f"a registry of this app: {', '.join(known)}"
        problems.append(Problem(path, shown(name), wanted))
    return host


def _name(service: Service, asked: Asked) -> str:
    """Say what the records call the policy."""
    if asked.command is not None:
        return "acr purge"
    return "a document" if asked.document is not None else service.options.policy_name


def _policy(service: Service, asked: Asked, problems: list[Problem]) -> tuple[Policy, Mode]:
    """Read what goes; a command that says so makes the run a plan."""
    deployed = service.options.policy
    prefix = "policy." if asked.document is not None else "command: "
    try:
        if asked.document is not None:
            return policy_from(asked.document), asked.mode
        if asked.command is not None:
            command, policy = parse_acr_policy(asked.command)
            return policy, Mode.PLAN if command.dry_run else asked.mode
    except InputError as error:
        problems.extend(_prefixed(error, prefix))
    return deployed, asked.mode


def _prefixed(error: InputError, prefix: str) -> Iterator[Problem]:
    for problem in error.problems:
        yield Problem(f"{prefix}{problem.path}", problem.found, problem.expected)
