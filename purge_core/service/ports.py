"""What the use cases need from outside, and how they are set."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass

from purge_core.instants import Instant, Span
from purge_core.judgement.breaker import USUAL, Breaker
from purge_core.notices.notice import Notice
from purge_core.notices.webhook import Event
from purge_core.outbox import Outbox
from purge_core.pace.pace import Pace
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.records.store import RunStore
from purge_core.registry import MeasurableRegistry
from purge_core.schedule import Schedule
from purge_core.used_images import UsedImages

Connect = Callable[[str], AbstractAsyncContextManager[MeasurableRegistry]]
"""Opens the registry at a login server. Raises ``InputError`` when it may get no credential."""

Deadline = Callable[[asyncio.Event], AbstractContextManager[None]]
"""Sets the event when the time of one piece of work is used up."""

Post = Callable[[Notice], Awaitable[None]]
"""Sends a notice to the webhook. Raises ``NotTaken`` when it was not taken."""

ReadUsed = Callable[[Policy, str], Awaitable[UsedImages]]
"""Reads what is in use of a registry, by the lists that a policy names.

Raises ``UseUnknown`` when a list cannot be relied on; nothing may be deleted then.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the app is set. ``registries`` are login servers; no other is ever spoken to.

    ``policy`` is the deployed one, ``concurrency`` the requests that one worker may have
    under way, ``workers`` the number of workers that may use one registry at once,
    ``breaker`` when a night is held for deleting far more than the nights before, and
    ``told_of`` of what in a run somebody is told. ``verify``: whether a repository is looked
    at again after its purge, ``exact_bytes`` whether it is counted what a night frees.
    """

    registries: tuple[str, ...]
    policy: Policy
    policy_name: str
    schedule: Schedule
    mode: Mode
    concurrency: int
    workers: int
    retention: Span
    plan_max_age: Span
    breaker: Breaker = USUAL
    verify: bool = False
    told_of: frozenset[Event] = frozenset()
    exact_bytes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything that the use cases work with.

    ``clock`` tells the time; ``salt`` gives a word that nobody had before;
    ``login_server`` gives the host that a registry's name
    means, and raises ``InputError`` for what is none; ``read_used`` tells what is in use;
    ``pace`` gives the gate that all deletions of a registry pass in this process; ``post``
    sends what somebody is told.
    """

    store: RunStore
    outbox: Outbox
    connect: Connect
    clock: Callable[[], Instant]
    salt: Callable[[], str]
    deadline: Deadline
    login_server: Callable[[str], str]
    read_used: ReadUsed
    pace: Callable[[str], Pace]
    post: Post
    options: Options
