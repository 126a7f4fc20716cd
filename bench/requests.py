"""How many requests a purge costs, counted at the development registry.

``acr purge`` is given by its own arithmetic (measured with its binary, v0.18): for N tags
of which D go and M manifests of which U go, with X read for a subject and L indexes read,
it sends ceil(R/100)+1 catalogue pages, ceil(N/100) tag pages, ceil(M/100)+1 manifest
pages, X+L reads and D+U deletions.
"""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acr_emulator.process import Served, serving
from bench.table import print_table
from purge_core.bootstrap import (
    connect,
    current_instant,
    login_server,
    new_run,
    open_manifest_cache,
)
from purge_core.planning import RunOrder
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, Record
from purge_core.records.results import RunResult
from purge_core.run import run
from purge_core.settings import Settings

_DELETES: Final = ("tag_delete", "manifest_delete")
_SIGN_IN: Final = ("oauth", "challenge")


@dataclass(frozen=True, slots=True)
class Case:
    """One registry, one command, how often it is run, and what it may cost."""

    name: str
    registry: tuple[str, ...]
    command: str
    acr_purge: int
    """Requests that ``acr purge`` sends, its own sign-in left out."""
    mode: Mode = Mode.PURGE
    warm: bool = False
    """Count the second of two runs."""


CASES: Final = (
    Case(
        "100 images, 3 tags each, all go",
        ("--generate", "aliases", "--tags", "300", "--newest", "30d"),
        "acr purge --filter '.*:.*' --ago 7d --untagged",
        acr_purge=2 + 3 + 2 + 100 + 300 + 100,
    ),
    Case(
        "250 young tagged indexes, 500 children, nothing to do",
        ("--generate", "indexes", "--tags", "250", "--oldest", "5d"),
        "acr purge --filter '.*:.*' --ago 7d --untagged",
        acr_purge=2 + 3 + 9 + 515,
    ),
    Case(
        "the same with old children, indexes kept",
        ("--generate", "indexes", "--tags", "250", "--newest", "30d"),
        "acr purge --filter '.*:none' --ago 7d --untagged",
        acr_purge=2 + 3 + 9 + 750,
    ),
    Case(
        "the same, planned a second time",
        ("--generate", "indexes", "--tags", "250", "--newest", "30d"),
        "acr purge --filter '.*:none' --ago 7d --untagged",
        acr_purge=2 + 3 + 9 + 750,
        mode=Mode.PLAN,
        warm=True,
    ),
    Case(
        "400 images, 1 tag each, all go",
        ("--generate", "flat", "--tags", "400", "--newest", "30d"),
        "acr purge --filter '.*:.*' --ago 7d --untagged",
        acr_purge=2 + 4 + 5 + 400 + 400 + 400,
    ),
)


class _Silent:
    """A journal that keeps nothing: only requests are counted here."""

    async def record(self, record: Record) -> None:
        """Forget it."""


def measure() -> None:
    """Run every case against a registry of its own and print what it cost."""
    rows = []
    for case in CASES:
        counts = _count(case)
        deletes = sum(counts.get(kind, 0) for kind in _DELETES)
        sign_in = sum(counts.get(kind, 0) for kind in _SIGN_IN)
        total = sum(counts.values())
        rows.append(
            (
                case.name,
                str(total - deletes - sign_in),
                str(counts.get("manifest_get", 0)),
                str(deletes),
                f"{sign_in / total:.1%}",
                f"{(total - sign_in) / case.acr_purge:.2f}",
            )
        )
    heads = ("case", "reads", "of manifests", "deletes", "sign-in", "to acr purge")
    print_table("Requests, counted at the registry", heads, rows)


def _count(case: Case) -> Mapping[str, int]:
    with serving(*case.registry) as served, tempfile.TemporaryDirectory() as folder:
        os.environ["SSL_CERT_FILE"] = served.ca_file
        settings = Settings(manifest_cache=f"{folder}/manifests.db")
        if case.warm:
            asyncio.run(_purge(case, served, settings))
            served.admin("DELETE", "requests")
        asyncio.run(_purge(case, served, settings))
        counts: Mapping[str, int] = served.admin("GET", "requests")["counts"]
        return counts


async def _purge(case: Case, served: Served, settings: Settings) -> RunResult:
    host = login_server(served.login_server, path="registry")
    now = current_instant()
    order = RunOrder(new_run(now, host), host, load_policy(case.command), now, case.mode)
    async with (
        open_manifest_cache(settings) as memory,
        connect(settings, host, path="registry", memory=memory) as registry,
    ):
        return await run(registry, order, _Silent(), asyncio.Event())
