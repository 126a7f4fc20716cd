"""Carrying a run out and telling what came of it: what `purge`, `plan` and `apply` share."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from purge_core.bootstrap import pace_of
from purge_core.cli import console
from purge_core.cli.connecting import connected
from purge_core.cli.exits import Exit
from purge_core.cli.progress import watch
from purge_core.cli.recording import recorded
from purge_core.cli.requests import Request
from purge_core.cli.stopping import until_stopped
from purge_core.errors import RegistryError
from purge_core.policies.acr_filter import wildcard_hint
from purge_core.policies.policy import Policy
from purge_core.records.journal import Journal
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.registry import MeasurableRegistry
from purge_core.report.outcomes import RunEnd, run_end

Work = Callable[[MeasurableRegistry, Journal, asyncio.Event], Awaitable[RunResult]]


@dataclass(frozen=True, slots=True)
class Shown:
    """How the result is to be shown."""

    output: str
    verbose: bool
    quiet: bool


def carry_out(request: Request, work: Work, shown: Shown) -> RunResult:
    """Do ``work`` on the registry, with progress, until it ends or is stopped.

    Raises:
        PurgeError: it could not be done at all.

    """
    return asyncio.run(_carry_out(request, work, shown))


async def _carry_out(request: Request, work: Work, shown: Shown) -> RunResult:
    with watch(quiet=shown.quiet) as watching:

        async def work_connected(stop: asyncio.Event) -> RunResult:
            async with (
                connected(request) as registry,
                recorded(request.recording, watching) as journal,
            ):
                return await work(registry, journal, stop)

        result = await until_stopped(work_connected, watching)
    return result or _interrupted(request, watching.judged)


def purge(request: Request) -> Work:
    """Give the work of a whole run: plan, and delete unless only a plan is wanted."""
    if request.exact_bytes:
        from purge_core.cli.exact import run_exactly

        return partial(run_exactly, request)
    from purge_core.run import run

    pace = pace_of(request.settings, request.order.registry)
    return lambda registry, journal, stop: run(registry, request.order, journal, stop, pace=pace)


def run_and_show(request: Request, work: Work, shown: Shown) -> Exit:
    """Carry a run out, show its result, and give the exit code.

    Raises:
        PurgeError: it could not be done at all; programs get their document all the same.

    """
    from purge_core.purging import PurgeHalted

    try:
        result = carry_out(request, work, shown)
    except PurgeHalted as error:
        show(request, replace(_nothing(request), repositories=error.results), shown, str(error))
        raise
    except RegistryError as error:
        if shown.output == "json":
            show(request, _nothing(request), shown, str(error))
        raise
    return show(request, result, shown)


def show(request: Request, result: RunResult, shown: Shown, error: str | None = None) -> Exit:
    """Show a result and give the exit code."""
    mode = request.order.mode
    if shown.output == "json":
        from purge_core.report.run_document import write_run

        console.emit(write_run(result, mode, error))
    else:
        from purge_core.report.summary import Detail, Report

        detail = Detail.FULL if shown.verbose else Detail.BRIEF
        console.say(Report.of(result, mode, detail).lines())
    if error is None:
        warn_of_nothing(request, result)
    return exit_of(run_end(result, mode))


def _nothing(request: Request) -> RunResult:
    order = request.order
    return RunResult(order.registry, order.policy, order.now, ())


def _interrupted(request: Request, judged: Iterable[RepositoryResult]) -> RunResult:
    """Give what was found of a run that was interrupted before anything was deleted."""
    found = tuple(sorted(judged, key=lambda result: result.repository))
    return replace(_nothing(request), repositories=found, interrupted=True)


def warn_of_nothing(request: Request, result: RunResult) -> None:
    """Say loudly when a run could not delete anything because it covers nothing."""
    if result.interrupted or any(r.state is not State.GONE for r in result.repositories):
        return
    if request.order.repositories == ():
        console.warn("the plan deletes nothing")
        return
    if result.policy.is_empty:
        console.warn("the policy has no rules and no `untagged`: nothing can ever be deleted")
        return
    console.warn("nothing is deleted: no repository of the registry matches")
    for hint in _hints(result.policy):
        console.warn(hint)


def _hints(policy: Policy) -> list[str]:
    """Guess what was meant by patterns that matched nothing."""
    patterns = {s.repositories.text for rule in policy.rules for s in rule.selectors}
    return [hint for text in sorted(patterns) if (hint := wildcard_hint(text)) is not None]


def exit_of(end: RunEnd) -> Exit:
    """Give the code for how a run ended."""
    match end:
        case RunEnd.DONE:
            return Exit.DONE
        case RunEnd.TROUBLE:
            return Exit.TROUBLE
        case RunEnd.INTERRUPTED:
            return Exit.INTERRUPTED
        case _:
            assert_never(end)
