"""Pages of a report on a year of nights: our own processor time, and the most memory held.

The journal is that of ``bench.journal``, in a process of its own. Every page is made in a fresh
process: what it imports is not counted in the time, and is in the memory. ``image`` is the page of
an image while its registry does not answer, which reads the most.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.nightly import HEAVY, NIGHTS, NOW, REGISTRY, STEPS, runs
from bench.table import print_table
from purge_core.adapters.table_store import open_table_store
from purge_core.cli.given import ReportOptions
from purge_core.cli.reporting import report
from purge_core.explaining import Subject
from purge_core.journal_address import ConnectionString
from purge_core.model import TagName
from purge_core.pages.image import image_page
from purge_core.pages.links import AppLinks
from purge_core.pages.overview import overview_page
from purge_core.pages.repository import repository_page
from purge_core.pages.run import run_page
from purge_core.records.overviews import RepositoryFilter
from purge_core.records.store import RunStore
from purge_core.reviewing.images import Asked, image_report
from purge_core.reviewing.registries import Sight, overview
from purge_core.reviewing.repositories import repository_report
from purge_core.reviewing.runs import run_report
from purge_core.schedule import parse_schedule

SECONDS: Final = 2.0
MEBIBYTES: Final = 300
_LINKS: Final = AppLinks()
_FILE: Final = "the file of the command line"


async def _registries(store: RunStore) -> str:
    sight = Sight(NOW, parse_schedule("0 0 1 * * *"), NIGHTS)
    return overview_page(await overview(store, [REGISTRY], sight), _LINKS)


async def _run(store: RunStore) -> str:
    return run_page(await run_report(store, runs()[0].id, RepositoryFilter(), NOW), _LINKS)


async def _repository(store: RunStore) -> str:
    return repository_page(await repository_report(store, runs()[0].id, HEAVY, NOW), _LINKS)


async def _further(store: RunStore) -> str:
    after = "steps,49900"
    found = await repository_report(store, runs()[0].id, HEAVY, NOW, after)
    return repository_page(found, _LINKS)


async def _image(store: RunStore) -> str:
    subject = Subject(HEAVY, TagName("nobody-knows-it"))
    found = await image_report(store, REGISTRY, subject, Asked(trouble="no answer"), NOW)
    return image_page(found, _LINKS)


_PAGES: Final[dict[str, Callable[[RunStore], Awaitable[str]]]] = {
    "the registries, 365 days": _registries,
    "a run of 500 repositories": _run,
    "a repository of 87,505 steps": _repository,
    "the same, further on": _further,
    "an image": _image,
}


def measure() -> None:
    """Make every page and print what it took; ends with an error when one takes too much."""
    command = [sys.executable, "-m", "bench.journal"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as journal:
        try:
            assert journal.stdout is not None  # noqa: S101 - for the types: it is a pipe
            address = journal.stdout.readline().strip()
            found = {name: _in_own_process(name, address) for name in (*_PAGES, _FILE)}
        finally:
            journal.terminate()
    rows = [
        (name, f"{cpu:.2f} s", f"{peak:.0f} MiB", f"{size / 1000:,.0f} kB")
        for name, (cpu, peak, size) in found.items()
    ]
    title = f"Pages on {NIGHTS} nights and {STEPS:,} steps (at most {SECONDS} s, {MEBIBYTES} MiB)"
    print_table(title, ("page", "processor", "peak", "size"), rows)
    if any(cpu > SECONDS or peak > MEBIBYTES for cpu, peak, _ in found.values()):
        raise SystemExit(f"a page takes more than {SECONDS} s or {MEBIBYTES} MiB")


def _in_own_process(name: str, address: str) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "bench.reports", name, address]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    cpu, peak, size = json.loads(output.splitlines()[-1])
    return cpu, peak, size


def _child(name: str, address: str) -> None:
    runs()
    begun = time.process_time()
    size = _written(address) if name == _FILE else asyncio.run(_made(name, address))
    spent = time.process_time() - begun
    print(json.dumps((spent, _peak(), size)))


def _peak() -> float:
    """Read the most memory that this process held since it began, in MiB.

    ``getrusage`` would give that of the process it was forked from, where that held more.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kibibytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kibibytes) / 1024


async def _made(name: str, address: str) -> int:
    async with open_table_store(ConnectionString(address)) as store:
        return len((await _PAGES[name](store)).encode())


def _written(address: str) -> int:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        options = ReportOptions(
            registry=REGISTRY,
            run=None,
            repository=None,
            days=NIGHTS,
            after=None,
            journal=address,
            form="html",
            out=str(file),
        )
        report(options)
        return file.stat().st_size


if __name__ == "__main__":
    _child(*sys.argv[1:])
