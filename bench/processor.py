"""Processor time per request, 32 in flight: Azure's client as it comes, and ours around it.

Each way runs in a process of its own, the development registry in another. Counted is the
processor time of the client's process alone. By itself Azure's client signs in anew for each call:
four requests, of which one serves.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from azure.containerregistry.aio import ContainerRegistryClient

from acr_emulator.process import Served, serving
from bench.table import print_table
from purge_core.adapters.acr import AcrOptions, open_registry
from purge_core.adapters.acr_auth import DevelopmentCredential, credential_for
from purge_core.bootstrap import current_instant, new_run
from purge_core.bounded import map_bounded
from purge_core.model import Digest, RepositoryName
from purge_core.pace.pace import Pace
from purge_core.planning import RunOrder, plan_repositories
from purge_core.policies.source import load_policy
from purge_core.purging import purge_repositories
from purge_core.records.journal import Mode, Record

if TYPE_CHECKING:
    from purge_core.records.results import RepositoryResult

CALLS: Final = 1_000
"""Manifests that are read, and then deleted."""
IN_FLIGHT: Final = 32
LIMIT: Final = 1.5
"""Milliseconds that a request of ours may take."""

_SHOP: Final = RepositoryName("bench/flat")
_Act = Callable[[Digest], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Acts:
    """One way to ask."""

    read: _Act
    delete: _Act


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time, per call and per request, and requests per call."""

    call: float
    request: float
    requests: float


@asynccontextmanager
async def _as_it_comes(served: Served, **options: str) -> AsyncIterator[Acts]:
    credential = DevelopmentCredential()
    async with ContainerRegistryClient(served.url, credential, **options) as client:
        yield Acts(
            lambda digest: client.get_manifest(_SHOP, digest),
            lambda digest: client.delete_manifest(_SHOP, digest),
        )


@asynccontextmanager
async def _with_path(served: Served) -> AsyncIterator[Acts]:
    async with _as_it_comes(served, connection_verify=served.ca_file) as acts:
        yield acts


@asynccontextmanager
async def _ours(served: Served) -> AsyncIterator[Acts]:
    host = served.login_server
    options = AcrOptions(connections=IN_FLIGHT)
    async with open_registry(host, credential_for(host), options) as registry:
        yield Acts(
            lambda digest: registry.body(_SHOP, digest),
            lambda digest: registry.delete_manifest(_SHOP, digest),
        )


RUN: Final = "ours, a whole run"
WAYS: Final = {
    "as it comes": _as_it_comes,
    "as it comes, certificate by path": _with_path,
    "ours": _ours,
}


class _Silent:
    """A journal that keeps nothing."""

    async def record(self, record: Record) -> None:
        """Forget it."""


async def _whole_run(served: Served) -> dict[str, Cost]:
    """Plan and purge everything, judgement and verification included."""
    host, now = served.login_server, current_instant()
    policy = load_policy("acr purge --filter '.*:.*' --ago 7d --untagged")
    order = RunOrder(new_run(now, host), host, policy, now, Mode.PURGE, concurrency=IN_FLIGHT)
    pace, journal = Pace(), _Silent()
    options = AcrOptions(connections=IN_FLIGHT)
    async with open_registry(host, credential_for(host), options, pace) as registry:
        planned: list[tuple[RepositoryResult, ...]] = []

        async def plan() -> None:
            planned.append(await plan_repositories(registry, order, journal))

        async def purge() -> None:
            await purge_repositories(
                registry, order, planned[0], journal, asyncio.Event(), stored=False, pace=pace
            )

        return {
            "planning": await _spent(served, CALLS, plan),
            "deleting": await _spent(served, CALLS, purge),
        }


def measure() -> None:
    """Measure and print; ends with an error when a request of ours costs more than claimed."""
    found = {name: _in_own_process(name) for name in (*WAYS, RUN)}
    rows = [
        [f"{name}: {act}", f"{cost.requests:.1f}", f"{cost.request:.2f}", f"{cost.call:.2f}"]
        for name, costs in found.items()
        for act, cost in costs.items()
    ]
    heads = ["client", "requests per call", "ms per request", "ms per call"]
    print_table(f"Processor time, {IN_FLIGHT} in flight (ours: at most {LIMIT} ms)", heads, rows)
    if any(cost.request > LIMIT for name in ("ours", RUN) for cost in found[name].values()):
        raise SystemExit(f"a request of ours takes more than {LIMIT} ms")


def _in_own_process(name: str) -> dict[str, Cost]:
    """Measure one way. The certificates to trust are read when its process begins."""
    given = ("--generate", "flat", "--tags", str(CALLS), "--newest", "30d")
    with serving(*given) as served:
        command = [sys.executable, "-m", "bench.processor", name, json.dumps(asdict(served))]
        environ = {**os.environ, "SSL_CERT_FILE": served.ca_file}
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environ).stdout
    return {act: Cost(**cost) for act, cost in json.loads(output).items()}


def _one(name: str, served: Served) -> dict[str, Cost]:
    if name == RUN:
        return asyncio.run(_whole_run(served))
    held = served.admin("GET", "state")["repositories"]
    return asyncio.run(_costs(name, served, [Digest(d) for d in held[_SHOP]["manifests"]]))


async def _costs(name: str, served: Served, digests: list[Digest]) -> dict[str, Cost]:
    async with WAYS[name](served) as acts:
        await acts.read(digests[0])
        return {
            "reads": await _cost(served, acts.read, digests),
            "deletions": await _cost(served, acts.delete, digests),
        }


async def _cost(served: Served, act: _Act, digests: list[Digest]) -> Cost:
    async def all_at_once() -> None:
        await map_bounded(act, digests, IN_FLIGHT)

    return await _spent(served, len(digests), all_at_once)


async def _spent(served: Served, calls: int, work: Callable[[], Awaitable[None]]) -> Cost:
    served.admin("DELETE", "requests")
    begun = time.process_time()
    await work()
    spent = (time.process_time() - begun) * 1000
    requests = served.admin("GET", "requests")["total"]
    return Cost(spent / calls, spent / requests, requests / calls)


def _child(name: str, served: str) -> None:
    costs = _one(name, Served(**json.loads(served)))
    print(json.dumps({act: asdict(cost) for act, cost in costs.items()}))


if __name__ == "__main__":
    _child(*sys.argv[1:])
