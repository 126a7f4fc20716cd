"""From a scenario's faults and events to faults and hooks."""

from collections.abc import Callable
from typing import assert_never

from acr_emulator.faults import Fault
from acr_emulator.hooks import Hooks
from acr_emulator.matching import Match
from acr_emulator.scenario.build import Builder
from acr_emulator.scenario.document import (
    Action,
    AdvanceAction,
    DeleteAction,
    EventPart,
    FaultPart,
    LockAction,
    MatchPart,
    PushAction,
    RetagAction,
)
from acr_emulator.state import Registry
from acr_emulator.times import TICKS_PER_SECOND
from acr_emulator.wire.call import Call

Act = Callable[[Registry, Call], None]


def make_match(part: MatchPart, *, times: int | None = None) -> Match:
    """The match; `times` is the default."""
    return Match(
        path=part.path,
        method=part.method,
        kind=part.kind,
        number=part.number,
        after=part.after,
        times=part.times or times,
        every=part.every,
    )


def make_fault(part: FaultPart) -> Fault:
    """The fault."""
    return Fault(
        match=make_match(part),
        effect=part.effect,
        status=part.status,
        headers=part.headers,
        body=part.body.encode(),
        delay=part.delay,
        done=part.done,
    )


def add_event(hooks: Hooks, part: EventPart, builder: Builder, *, now: int) -> None:
    """Hook an event's actions in; `now` (ticks) is what `in` counts from."""

    def act(registry: Registry, _call: Call) -> None:
        for action in part.actions:
            perform(action, registry, builder)

    if part.before is not None:
        hooks.before(make_match(part.before, times=1), act)
    elif part.after is not None:
        hooks.after(make_match(part.after, times=1), act)
    else:
        due = part.at if part.at is not None else now + (part.in_ or 0)
        hooks.before(Match(), _once_due(due, act))


def _once_due(due: int, act: Act) -> Act:
    done = False

    def check(registry: Registry, call: Call) -> None:
        nonlocal done
        if not done and registry.clock.now >= due:
            done = True
            act(registry, call)

    return check


def perform(action: Action, registry: Registry, builder: Builder) -> None:
    """Carry out one action. Raises RegistryAnswer for a refusal, KeyError for an unknown id."""
    match action:
        case PushAction():
            builder.push(action.repository, action, at=registry.clock.now)
        case RetagAction():
            digest = builder.digest(action.repository, action.to)
            registry.set_tag(action.repository, action.tag, digest)
        case DeleteAction():
            _delete(action, registry, builder)
        case LockAction():
            _lock(action, registry, builder)
        case AdvanceAction():
            registry.clock.advance(action.by / TICKS_PER_SECOND)
        case _:
            assert_never(action)


def _delete(action: DeleteAction, registry: Registry, builder: Builder) -> None:
    if action.tag is not None:
        registry.delete_tag(action.repository, action.tag)
    elif action.manifest is not None:
        digest = builder.digest(action.repository, action.manifest)
        registry.delete_manifest(action.repository, digest)
    else:
        registry.delete_repository(action.repository)


def _lock(action: LockAction, registry: Registry, builder: Builder) -> None:
    named = action.manifest
    digest = None if named is None else builder.digest(action.repository, named)
    registry.set_attributes(action.repository, action.lock, tag=action.tag, digest=digest)
