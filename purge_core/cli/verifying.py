"""What ``verify`` does, apart from reading its options."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from purge_core.bootstrap import open_store
from purge_core.bounded import map_bounded
from purge_core.cli import console
from purge_core.cli.connecting import connected, with_manifest_cache
from purge_core.cli.exits import Exit
from purge_core.cli.given import VerifyOptions
from purge_core.cli.recording import journal_address
from purge_core.cli.requests import Request, Wishes, environment, make_request
from purge_core.errors import InputError, Problem
from purge_core.model import RepositoryName
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.lists import all_repositories
from purge_core.records.losses import NO_PAST, Cause, Check
from purge_core.records.recorded_past import recorded_past, with_runs
from purge_core.records.store import RunStore
from purge_core.registry import RegistryReader
from purge_core.report.losses import check_lines, checks_document
from purge_core.verifying import Look
from purge_core.wording import shown


@dataclass(frozen=True, slots=True)
class _Work:
    """What is asked: of a registry, with records or without, and perhaps of one run."""

    request: Request
    store: RunStore | None
    run: RunId | None

    async def checks(self, reader: RegistryReader) -> list[Check]:
        """Look at all that is wanted."""

        async def one(name: RepositoryName) -> Check:
            return await self._check(reader, name)

        return await map_bounded(one, await self._names(reader), self.request.order.concurrency)

    async def _check(self, reader: RegistryReader, name: RepositoryName) -> Check:
        past = NO_PAST
        if self.store is not None and self.run is not None:
            past = await recorded_past(self.store, self.run, name)
        order = self.request.order
        check = await Look(name, past, limit=order.concurrency).at(reader)
        if self.store is None:
            return check
        return await with_runs(self.store, order.registry, self.run, check)

    async def _names(self, reader: RegistryReader) -> Sequence[RepositoryName]:
        """Give those that are named, those of the run, or all."""
        named = self.request.order.repositories
        if self.store is not None and self.run is not None:
            records = await all_repositories(self.store, self.run)
            touched = [each.repository for each in records if each.totals.steps]
            return sorted(touched if named is None else set(touched).intersection(named))
        if named is not None:
            return sorted(set(named))
        return sorted([name async for name in reader.repositories()])


def verify(options: VerifyOptions) -> int:
    """Look, and tell."""
    settings = environment()
    wishes = Wishes(
        policy=Policy(),
        registry=options.registry,
        mode=Mode.PLAN,
        repositories=options.repositories,
        concurrency=options.concurrency,
    )
    request = with_manifest_cache(make_request(wishes, settings), options.manifest_cache)
    checks = asyncio.run(_verify(request, options))
    order = request.order
    if options.output == "json":
        console.emit([checks_document(order.registry, order.now, options.run, checks)])
    else:
        console.say(check_lines(checks))
    for check in checks:
        if not check.manifests and check.error is None:
            console.warn(f"{check.repository} does not exist (any more), or holds no manifest")
    return _exit(checks, options.run)


def _exit(checks: Sequence[Check], run: str | None) -> Exit:
    """Say whether a run broke something: the one that is asked about, or any on record."""
    causes = {loss.cause for check in checks for loss in check.losses}
    broken = run is None and Cause.ANOTHER_RUN in causes
    return Exit.TROUBLE if broken or any(check.is_trouble for check in checks) else Exit.DONE


async def _verify(request: Request, options: VerifyOptions) -> list[Check]:
    run = None if options.run is None else RunId(options.run)
    async with _records(request, options) as store, connected(request) as registry:
        if store is not None and run is not None:
            await _require_run(store, run, request.order.registry)
        return await _Work(request, store, run).checks(registry)


@asynccontextmanager
async def _records(request: Request, options: VerifyOptions) -> AsyncIterator[RunStore | None]:
    """Open the records, where they are wanted."""
    if options.journal is None and options.run is None:
        yield None
        return
    async with open_store(journal_address(options.journal or "", request.settings)) as store:
        yield store


async def _require_run(store: RunStore, run: RunId, registry: str) -> None:
    """Refuse a run that is not on record, or is another registry's.

    Raises:
        InputError: it is.

    """
    record = await store.get_run(run)
    if record is None or record.registry != registry:
        wanted = f"the id of a recorded run on {registry}"
        raise InputError([Problem("--run", shown(run), wanted)])
