"""Every query of docs/reports.md, run against a store that holds the example."""

import argparse
import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import (
    AccountSasPermissions,
    ResourceTypes,
    TableServiceClient,
    generate_account_sas,
)
from yarl import URL

from devhost.azurite import ACCOUNT, KEY, Azurite
from purge_core.adapters.table_store import open_table_store
from purge_core.adapters.tables.keys import TABLES
from purge_core.instants import Span
from purge_core.journal_address import ConnectionString
from purge_core.judgement.breaker import FarMoreThanUsual
from purge_core.judgement.guards import TooManyDeletions
from purge_core.model import RepositoryName
from purge_core.records.journal import Mode, RunId
from purge_core.records.losses import Check
from purge_core.records.outcomes import Outcome
from purge_core.records.results import Exact
from purge_core.records.step_records import StepEnd
from purge_core.records.store import RunStore
from purge_core.records.store_records import RunChange, RunState
from purge_core.records.sums import sums_of
from purge_core.records.told import Told
from tests.builders import image, minutes, repository
from tests.conftest import ROOT
from tests.fake_state import digest_of
from tests.stores import SHOP, a_run, failed, judged, kept_image, later, table_store

DOC = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
RUN = RunId("20261121T010000.000Z-3f9a1c2b4d")
EARLIER = RunId("20261120T010000.000Z-77aa01d0c2")
HELD = RunId("20261119T010000.000Z-00c0ffee00")
UNUSUAL = RunId("20261118T010000.000Z-00c0ffee01")
API = RepositoryName("shop/api")


async def tell_the_example(store: RunStore) -> None:
    """Record what the page tells of: a purge with all there is, a plan, runs that are held."""
    await store.create_run(replace(a_run(), id=RUN))
    web = repository(SHOP, image("web 1.4.0", tags=["1.4.0"], size=7 * 10**9), kept_image())
    web = replace(web, tags_mark=later(0), manifests_mark=later(0))
    await store.save_plan(RUN, judged(web), later(1))
    await store.open_steps(RUN, SHOP, [0], later(2))
    await store.close_steps(RUN, SHOP, [StepEnd(0, Outcome.DELETED)], later(3))
    await store.finish_repository(RUN, SHOP, later(4))
    await store.note_check(RUN, Check(SHOP, manifests=3, requests=2))
    old = (image(f"api {n}", tags=[f"2.{n}"]) for n in range(2))
    await store.save_plan(RUN, judged(repository(API, *old, kept_image())), later(1))
    await store.open_steps(RUN, API, [0, 1], later(2))
    denied = StepEnd(0, Outcome.DENIED, "the identity may not delete here")
    await store.close_steps(RUN, API, [denied], later(3))
    sums = sums_of((await store.repositories(RUN)).items)
    await store.move_run(RUN, {RunState.QUEUED}, RunChange(RunState.DONE, later(5), sums=sums))
    await store.create_run(replace(a_run(), id=EARLIER, mode=Mode.PLAN, state=RunState.PLANNED))
    await store.save_plan(EARLIER, failed("shop/broken", "503"), later(1))
    for run, held in (
        (HELD, TooManyDeletions(9_000, 5_000)),
        (UNUSUAL, FarMoreThanUsual(4_000, 500, 20, 30)),
    ):
        exact = Exact(4 * 10**9, manifests=12_000, unread=0)
        begun = replace(a_run(registry="fabrikam.azurecr.io"), id=run, exact=exact)
        await store.create_run(begun)
        change = RunChange(RunState.HELD, later(1), held=held, repositories=40, error="why")
        await store.move_run(run, {RunState.QUEUED}, change)
        await store.note_told(run, RunState.HELD, Told(later(2), "404 from the webhook"))
    await store.take_lease("contoso", "worker", slots=1, ttl=Span(minutes(5)), now=later(1))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Return an Azurite of its own, which holds the example."""

    async def tell(storage: str) -> None:
        async with table_store(storage) as store:
            await tell_the_example(store)
        async with open_table_store(ConnectionString(storage)) as memory:
            await memory.remember("contoso", SHOP, {digest_of("web"): b"entry"}, (), later(1))

    with Azurite.start(tmp_path_factory.mktemp("reports")) as azurite:
        asyncio.run(tell(azurite.connection_string))
        yield azurite


def blocks(language: str) -> list[str]:
    """Return the code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)


def az_commands() -> list[list[str]]:
    """Return every `az` command, in words."""
    return [shlex.split(b.replace("\\\n", " ")) for b in blocks("console") if b.startswith("az ")]


def parse_az(words: list[str]) -> argparse.Namespace:
    """Read a command as `az storage entity query` does; anything else about it is an error."""
    assert words[:4] == ["az", "storage", "entity", "query"]
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--table-name", required=True)
    parser.add_argument("--filter", required=True)
    parser.add_argument("--select", nargs="+", required=True)
    parser.add_argument("--num-results", type=int, default=1000)
    return parser.parse_args(words[4:])


EXPECTED_AZ = [2, 2, 2, 1, 1, 2, 1, 1, 1]
"""How many rows each command finds, in the order of the page."""


@pytest.mark.parametrize("number", range(len(EXPECTED_AZ)))
def test_az(example: Azurite, number: int) -> None:
    """The command finds what the example holds, with every column that it asks for."""
    asked = parse_az(az_commands()[number])
    with TableServiceClient.from_connection_string(example.connection_string) as service:
        table = service.get_table_client(asked.table_name)
        rows = list(table.query_entities(asked.filter, results_per_page=asked.num_results))
        known = {name for row in table.list_entities() for name in row}
    assert len(rows) == EXPECTED_AZ[number]
    assert set(asked.select) <= known


def test_every_az_command_is_known() -> None:
    """A command that is added to the page is tried, too."""
    assert len(az_commands()) == len(EXPECTED_AZ)


def own_commands() -> list[str]:
    """Return the lines that call this project's command line."""
    lines = [line for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith("acr-purge ")]


@pytest.mark.parametrize("line", own_commands())
def test_the_command_line(example: Azurite, line: str) -> None:
    """The commands of the page find the example."""
    done = subprocess.run(
        [sys.executable, "-m", "purge_core", *shlex.split(line)[1:]],
        env={"PURGE_JOURNAL": example.connection_string, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert RUN in done.stdout.replace("\n    ", " ")


def addresses() -> list[str]:
    """Return the OData addresses."""
    return [line for block in blocks("odata") for line in block.splitlines() if line]


EXPECTED_ODATA = [2, 4, 1, 1]


@pytest.mark.parametrize("number", range(len(EXPECTED_ODATA)))
async def test_odata(example: Azurite, number: int) -> None:
    """The address, with a shared access signature appended, answers with the rows."""
    address = addresses()[number].replace(
        "https://contosopurge.table.core.windows.net", example.table_url
    )
    path, _, options = address.partition("?")
    credential = AzureNamedKeyCredential(ACCOUNT, KEY)
    signature = generate_account_sas(
        credential,
        resource_types=ResourceTypes(container=True, object=True),
        permission=AccountSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    url = f"{path}?{quote(options, safe='$&=,')}&{signature}"
    headers = {"Accept": "application/json;odata=nometadata"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(URL(url, encoded=True)) as answer,
    ):
        assert answer.status == 200, await answer.text()
        rows = (await answer.json(content_type=None))["value"]
    assert len(rows) == EXPECTED_ODATA[number]
    wanted = options.partition("$select=")[2].split(",")
    assert {name for row in rows for name in row} <= set(wanted)
    assert {"run"} <= {name for row in rows for name in row}


def test_every_address_is_known() -> None:
    """An address that is added to the page is tried, too."""
    assert len(addresses()) == len(EXPECTED_ODATA)


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python(example: Azurite, number: int, tmp_path: Path) -> None:
    """The script prints exactly what the page says."""
    script = tmp_path / "report.py"
    script.write_text(blocks("python")[number])
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        env={"PURGE_JOURNAL": example.connection_string, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, blocks("text")[number]), done.stderr


def documented(table: str) -> set[str]:
    """Return the columns that the page names for a table."""
    section = DOC.split(f"### {table}\n")[1].split("\n#")[0]
    cells = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_column_is_documented(example: Azurite) -> None:
    """What the tables hold is what the page says, column by column."""
    with TableServiceClient.from_connection_string(example.connection_string) as service:
        assert {table.name for table in service.list_tables()} == set(TABLES)
        for name in TABLES:
            rows: list[Any] = list(service.get_table_client(name).list_entities())
            known = {column for row in rows for column in row}
            known -= {"PartitionKey", "RowKey", "write"}
            assert {re.sub(r"_\d+$", "", column) for column in known} == documented(name)
