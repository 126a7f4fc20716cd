"""What ``runs``, ``run`` and ``history`` do, apart from reading their options."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from purge_core.bootstrap import login_server, open_store
from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.explaining import parse_subject
from purge_core.cli.given import HistoryOptions, RunOptions, RunsOptions
from purge_core.cli.recording import journal_address
from purge_core.cli.requests import environment
from purge_core.errors import InputError, Problem
from purge_core.explaining import Subject
from purge_core.journal_address import JournalAddress
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.step_records import HistoryRecord, ItemKind, Kept, StepRecord
from purge_core.records.store import RunStore
from purge_core.records.store_records import Page, RepositoryRecord, RunRecord
from purge_core.report.record_lines import (
    history_lines,
    kept_lines,
    run_lines,
    run_rows,
    step_lines,
)
from purge_core.report.records import (
    history_document,
    kept_document,
    repository_document,
    run_document,
    step_document,
)
from purge_core.settings import Settings
from purge_core.wire import JsonObject
from purge_core.wording import shown

Answer = TypeVar("Answer")
Item = TypeVar("Item")


def list_runs(options: RunsOptions) -> int:
    """List runs."""
    settings = environment()
    name = options.registry or settings.registry
    registry = None if name is None else login_server(name, path="--registry")

    async def read(store: RunStore) -> Page[RunRecord]:
        return await store.list_runs(registry, limit=options.limit, after=options.after)

    page = _ask(journal_address(options.journal, settings), read)
    if options.output == "json":
        _emit_page(map(run_document, page.items), page.next)
    else:
        console.say(run_rows(page.items) if page.items else ())
        _tell_rest(page, "no runs are recorded")
    return Exit.DONE


def show_run(options: RunOptions) -> int:
    """Show one run, or one repository of it."""
    address = journal_address(options.journal, environment())
    run = RunId(options.run)
    if options.repository is not None:
        return _show_repository(options, run, RepositoryName(options.repository), address)

    async def read(store: RunStore) -> tuple[RunRecord, list[RepositoryRecord]]:
        record = await _known_run(store, run)
        return record, await _every(lambda after: store.repositories(run, after=after))

    record, repositories = _ask(address, read)
    if options.output == "json":
        listed = [repository_document(each) for each in repositories]
        document = run_document(record) | {"policy": record.policy, "items": listed}
        _emit(document)
    else:
        console.say(run_lines(record, repositories))
    return Exit.DONE


def _show_repository(
    options: RunOptions, run: RunId, name: RepositoryName, address: JournalAddress
) -> int:
    """Show every step of a repository, and what stays where it is wanted."""

    async def read(
        store: RunStore,
    ) -> tuple[RunRecord, RepositoryRecord, list[StepRecord], list[Kept]]:
        record = await _known_run(store, run)
        found = await store.repository(run, name)
        if found is None:
            wanted = f"a repository of run {run}"
            raise InputError([Problem("--repository", shown(name), wanted)])
        steps = await _every(lambda after: store.steps(run, name, after=after))
        wanted_too = options.verbose or options.output == "json"
        kept = await _every(lambda after: store.kept(run, name, after=after)) if wanted_too else []
        return record, found, steps, kept

    record, found, steps, kept = _ask(address, read)
    if options.output == "json":
        document = repository_document(found) | {"run": record.id}
        document["steps"] = [step_document(step) for step in steps]
        document["kept"] = [kept_document(each) for each in kept]
        _emit(document)
        return Exit.DONE
    console.say(run_lines(record, [found]))
    console.say(line for step in steps for line in step_lines(step, record.now))
    console.say(line for each in kept for line in kept_lines(each, record.now))
    return Exit.DONE


def tell_history(options: HistoryOptions) -> int:
    """Tell what happened to a repository, a tag or an image."""
    settings = environment()
    registry = _registry(options.registry, settings)
    subject = parse_subject(options.target, registry)

    async def read(store: RunStore) -> Page[HistoryRecord]:
        return await store.history(
            registry,
            subject.repository,
            _item(subject),
            limit=options.limit,
            after=options.after,
        )

    page = _ask(journal_address(options.journal, settings), read)
    if options.output == "json":
        _emit_page(map(history_document, page.items), page.next)
    else:
        console.say(line for entry in page.items for line in history_lines(entry))
        _tell_rest(page, "nothing is recorded of it")
    return Exit.DONE


def _item(subject: Subject) -> tuple[ItemKind, str] | None:
    if subject.tag is not None:
        return ItemKind.TAG, subject.tag
    return None if subject.digest is None else (ItemKind.MANIFEST, subject.digest)


def _registry(named: str | None, settings: Settings) -> str:
    name = named or settings.registry
    if name is None:
        wanted = "a registry, such as --registry contoso (or ACR_DEFAULT_REGISTRY)"
        raise InputError([Problem("--registry", "nothing", wanted)])
    return login_server(name, path="--registry")


async def _known_run(store: RunStore, run: RunId) -> RunRecord:
    record = await store.get_run(run)
    if record is None:
        raise InputError([Problem("ID", shown(run), "the id of a recorded run")])
    return record


def _ask(address: JournalAddress, read: Callable[[RunStore], Awaitable[Answer]]) -> Answer:
    async def ask() -> Answer:
        async with open_store(address) as store:
            return await read(store)

    return asyncio.run(ask())


async def _every(page: Callable[[str | None], Awaitable[Page[Item]]]) -> list[Item]:
    """Read a long list to its end."""
    found: list[Item] = []
    after: str | None = None
    while True:
        part = await page(after)
        found += part.items
        after = part.next
        if after is None:
            return found


def _emit_page(items: Iterable[JsonObject], following: str | None) -> None:
    _emit({"items": list(items), "next": following})


def _emit(document: JsonObject) -> None:
    console.emit([json.dumps(document, indent=1), "\n"])


def _tell_rest(page: Page[Item], nothing: str) -> None:
    if not page.items:
        console.tell(nothing)
    if page.next is not None:
        console.tell(f"there is more: --after {shown(page.next)}")
