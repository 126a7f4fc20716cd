"""What ``plan`` does, apart from reading its options."""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from purge_core.cli import console
from purge_core.cli.connecting import with_manifest_cache
from purge_core.cli.given import PlanOptions
from purge_core.cli.later import at_time
from purge_core.cli.policies import find_policy, warn_of_notes
from purge_core.cli.recorded_policies import policy_recording
from purge_core.cli.requests import Inputs, Request, Wishes, make_request
from purge_core.cli.runs import Shown, Work, purge, run_and_show
from purge_core.cli.used import with_used_shown
from purge_core.errors import InputError, Problem
from purge_core.plans.document import RepositoryPlan, StoredPlan, write_plan
from purge_core.records.journal import Journal, Mode
from purge_core.records.results import RunResult, State
from purge_core.registry import MeasurableRegistry
from purge_core.wording import shown as shown_text


def plan(options: PlanOptions) -> int:
    """Plan, tell, and keep the plan when wanted."""
    _require_file(options.out)
    _require_now(options)
    inputs = Inputs.read(options.registry, partial(find_policy, options.policy))
    warn_of_notes(inputs.source)
    line = inputs.source.command
    wishes = Wishes(
        policy=inputs.source.policy,
        registry=options.registry,
        mode=Mode.PLAN,
        repositories=options.repositories,
        concurrency=options.concurrency or (line.concurrency if line is not None else None),
    )
    request = replace(
        make_request(wishes, inputs.settings),
        recording=policy_recording(options.journal, options.policy, inputs),
        exact_bytes=options.exact_bytes or inputs.settings.exact_bytes,
    )
    shown = Shown(options.output, options.verbose, options.quiet)
    request = with_manifest_cache(request, options.manifest_cache)
    request = with_used_shown(at_time(request, options.at), shown)
    return run_and_show(request, _work(request, options.out), shown)


def _require_file(out: str | None) -> None:
    """Refuse what cannot be the name of a file before anything is read."""
    if out is not None and not Path(out).name:
        raise InputError([Problem("--out", shown_text(out), "the name of a file")])


def _require_now(options: PlanOptions) -> None:
    """Refuse to keep or record a plan for later: it must never be carried out.

    Raises:
        InputError: for each option that would.

    """
    kept = {"--out": options.out, "--journal": options.journal}
    given = [name for name, value in kept.items() if value is not None]
    if options.at is not None and given:
        wanted = "one of the two: a plan for later is only to be looked at"
        raise InputError(Problem(name, "an option beside --at", wanted) for name in given)


def _work(request: Request, out: str | None) -> Work:
    """Plan, and keep the plan in the file ``out``."""
    plan_all = purge(request)

    async def work(
        registry: MeasurableRegistry, journal: Journal, stop: asyncio.Event
    ) -> RunResult:
        result = await plan_all(registry, journal, stop)
        if out is not None:
            _keep(result, out)
        return result

    return work


def stored_plan(result: RunResult) -> StoredPlan:
    """Take from a planned run what can be carried out: not what is refused or unread."""
    parts = [
        RepositoryPlan.of(each.plan, each.snapshot, each.decisions)
        for each in result.repositories
        if each.state is State.PLANNED and each.plan is not None and each.plan.stages
        if each.snapshot is not None and each.decisions is not None
    ]
    return StoredPlan(result.registry, result.now, result.policy, tuple(parts)).sealed()


def _keep(result: RunResult, name: str) -> None:
    """Write the plan to a file.

    Raises:
        InputError: the file cannot be written.

    """
    try:
        replace_file(Path(name), write_plan(stored_plan(result)))
    except OSError as error:
        found = f"{shown_text(name)} ({error.strerror})"
        raise InputError([Problem("--out", found, "a file that can be written")]) from None
    console.tell(f"the plan is in {name}; carry it out with: acr-purge apply {name}")


def replace_file(path: Path, pieces: Iterable[str]) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it cannot be written; what was there before still is.

    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
