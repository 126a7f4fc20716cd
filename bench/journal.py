"""A year of nights behind the protocol of Table Storage, made up as it is asked for.

365 nightly runs on 500 repositories with 1,000,000 steps: 5 in each repository of each night, and
all others in one repository of the last night. Rows are the adapter's own; only the service is not
the real one, so that nothing has to be written before it can be read.
`python -m bench.journal` serves it and prints its connection string.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

from aiohttp import web

from bench.nightly import HEAVY, REGISTRY, REPOSITORIES, kept, past, record, runs, steps
from purge_core.adapters.tables.codec import PLAN, repository_row, run_row
from purge_core.adapters.tables.kept import kept_rows
from purge_core.adapters.tables.keys import (
    ALL_RUNS,
    repository_key,
    steps_partition,
)
from purge_core.adapters.tables.keys import run_row as run_row_key
from purge_core.adapters.tables.past import past_rows
from purge_core.adapters.tables.rows import Row, int64
from purge_core.adapters.tables.steps import step_rows
from purge_core.records.journal import RunId

Rows = Iterable[tuple[str, Row]]

_KEY: Final = "YmVuY2g="
_ACCOUNT: Final = "bench"
_ETAG: Final = "W/\"datetime'2026-11-21T00%3A00%3A00Z'\""
_PATH: Final = re.compile(r"(?P<table>\w+)\((?:PartitionKey='(?P<p>.*)',RowKey='(?P<r>.*)')?\)")
_TERM: Final = re.compile(r"(PartitionKey|RowKey) (eq|ge|gt|lt) '((?:[^']|'')*)'")
_STEP: Final = re.compile(r"0001,step,(\d{8})")
_ALL_RUNS: Final = {run.id: run for run in runs()}


def _rows(table: str, partition: str, least: str) -> Rows:
    """Give the rows of a partition in the order of their keys, from about ``least`` on."""
    match table:
        case "PurgeRuns":
            made = {run_row_key(run.id): run for run in _ALL_RUNS.values()}
            pointer = partition == ALL_RUNS
            return (
                (key, {"run": run.id, "registry": REGISTRY} if pointer else run_row(run))
                for key, run in sorted(made.items())
            )
        case "PurgeRepositories":
            return _repositories(RunId(partition))
        case "PurgeSteps":
            return _steps(partition, least)
        case "PurgeHistory":
            return sorted(chain.from_iterable(past_rows(*each) for each in past()))
        case _:
            return ()


def _repositories(run: RunId) -> Rows:
    made = {repository_key(run, name)[1]: name for name in REPOSITORIES}
    for key, name in sorted(made.items()):
        yield key, repository_row(record(_ALL_RUNS[run], name)) | {PLAN: int64(1)}


def _steps(partition: str, least: str) -> Rows:
    """Give what stays, then the steps: as their keys are in order."""
    run, name = next(
        (run, name)
        for run in _ALL_RUNS.values()
        for name in (HEAVY, *REPOSITORIES)
        if steps_partition(run.id, name) == partition
    )
    found = _STEP.match(least)
    if found is None:
        yield from kept_rows(run.id, name, 1, kept())
    yield from step_rows(run.id, name, 1, steps(run, name, int(found[1]) if found else 0))


def answered(table: str, where: str, top: int) -> tuple[list[dict[str, Any]], str | None]:
    """Give the rows that a filter wants, and the key of the first that is left."""
    terms = [(name, op, text.replace("''", "'")) for name, op, text in _TERM.findall(where)]
    partition = next(text for name, _, text in terms if name == "PartitionKey")
    bounds = [(op, text) for name, op, text in terms if name == "RowKey"]
    least = max((text for op, text in bounds if op in ("ge", "gt")), default="")
    fitting = ((key, row) for key, row in _rows(table, partition, least) if _fits(key, bounds))
    taken = list(islice(fitting, top + 1))
    given = [_entity(partition, key, row) for key, row in taken[:top]]
    return given, taken[top][0] if len(taken) > top else None


def _fits(key: str, bounds: list[tuple[str, str]]) -> bool:
    tests = {"ge": key.__ge__, "gt": key.__gt__, "lt": key.__lt__, "eq": key.__eq__}
    return all(tests[op](text) for op, text in bounds)


def _entity(partition: str, key: str, row: Row) -> dict[str, Any]:
    """Write a row as the service does, with the types of what is not text."""
    entity = {"odata.etag": _ETAG, "PartitionKey": partition, "RowKey": key}
    return entity | dict(_typed(row))


def _typed(row: Row) -> Iterator[tuple[str, object]]:
    for name, value in row.items():
        if isinstance(value, tuple):
            yield name, str(value[0])
            yield f"{name}@odata.type", value[1]
        elif value is not None:
            yield name, value


async def _answer(request: web.Request) -> web.Response:
    path = _PATH.fullmatch(request.match_info["path"])
    if path is None:
        return web.json_response({}, status=501)
    table, query = path["table"], request.query
    if path["p"] is not None:
        where = f"PartitionKey eq '{path['p']}' and RowKey eq '{path['r']}'"
        found, _ = answered(table, where, 1)
        return web.json_response(found[0]) if found else _missing()
    where = query["$filter"]
    if "NextRowKey" in query:
        where += f" and RowKey ge '{query['NextRowKey']}'"
    found, following = answered(table, where, int(query.get("$top", "1000")))
    headers = {}
    if following is not None:
        headers = {
            "x-ms-continuation-NextPartitionKey": "same",
            "x-ms-continuation-NextRowKey": following,
        }
    return web.json_response({"value": found}, headers=headers)


def _missing() -> web.Response:
    said = {"lang": "en-US", "value": "not there"}
    document = {"odata.error": {"code": "ResourceNotFound", "message": said}}
    return web.json_response(document, status=404)


async def _serve() -> None:
    app = web.Application()
    app.router.add_get(f"/{_ACCOUNT}/{{path:.*}}", _answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    endpoint = f"http://127.0.0.1:{port}/{_ACCOUNT}"
    parts = ("DefaultEndpointsProtocol=http", f"AccountName={_ACCOUNT}", f"AccountKey={_KEY}")
    print(";".join((*parts, f"TableEndpoint={endpoint};")), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
