"""140,000 deletions in nights of ten minutes, along the Standard quota: nothing refused or lost.

The app's own use cases, Azure's client and the development registry, in one process and in a time
of its own: a wait of a night takes no time. A night ends like a function whose time is up, and
the next one is a new process that goes on with what is in the queue. The store and the queue are
those of the tests.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from acr_emulator import Options, Registry
from acr_emulator.options import Sku as Tier
from bench.table import print_table
from purge_core.adapters.acr import AcrOptions
from purge_core.adapters.known_bodies import known_bodies
from purge_core.adapters.remembering import RememberingRegistry
from purge_core.instants import DAY, Instant
from purge_core.manifest_memory import NO_MEMORY
from purge_core.pace.clock import Clock
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import PER_MINUTE, Kind, Sku
from purge_core.policies.source import load_policy
from purge_core.records.outcomes import Outcome
from purge_core.service.ports import Service
from tests.fakes import FakeRegistry
from tests.inside import InsideEmulator, reached
from tests.service_world import World, seconds
from tests.virtual import simulate

REFUSED: Final = 0.001
"""The share of requests that may be answered 429."""
_KEPT: Final = 20
"""Images of each repository that stay."""
_DAY: Final = 86_400.0
_LATENCY: Final = 0.02
_PAGE: Final = 100
_PER_SECOND: Final = PER_MINUTE[Sku.STANDARD][Kind.DELETE] / 60
_DOCKER: Final = "application/vnd.docker.distribution.manifest.v2+json"
_POLICY: Final = load_policy("acr purge --filter '.*:old-.*' --ago 7d --untagged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """So many repositories with so many old images each, and nights of so many seconds."""

    repositories: int
    images: int
    night: float

    @property
    def deletions(self) -> int:
        """All that has to go."""
        return self.repositories * self.images

    @property
    def least_nights(self) -> float:
        """What the quota itself takes: each night begins with a full bucket, a minute's worth."""
        return self.deletions / ((self.night + 60) * _PER_SECOND)


FULL: Final = Soak(repositories=28, images=5_000, night=600.0)


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen: at the registry, and in the records."""

    nights: int
    requests: int
    refused: int
    accepted: int
    left: Counter[str]
    """What each repository still holds."""
    outcomes: Counter[Outcome | None]
    failures: int
    """Deliveries that came to nothing, and were made again."""

    @property
    def share(self) -> float:
        """The share of requests that were answered 429."""
        return self.refused / self.requests

    def require_nothing_lost(self, soak: Soak) -> None:
        """Raises SystemExit unless all that had to go went, once, and nothing else did."""
        gone_once = self.accepted == soak.deletions
        if not gone_once or set(self.left.values()) != {_KEPT}:
            raise SystemExit(f"{self.accepted} deletions, and left are {self.left}")
        if self.outcomes != {Outcome.DELETED: soak.deletions}:
            raise SystemExit(f"the records say {self.outcomes}")


def measure() -> None:
    """Run the nights and print them; ends with an error when more is refused than claimed."""
    found = run(FULL)
    row = (
        f"{FULL.deletions:,}",
        f"{FULL.least_nights:.1f}",
        str(found.nights),
        f"{found.requests:,}",
        str(found.refused),
        f"{found.share:.4%}",
        str(found.failures),
    )
    heads = ("deletions", "the quota's nights", "nights", "requests", "429", "share", "failures")
    print_table(f"Nights of ten minutes, Standard (at most {REFUSED:.1%} refused)", heads, [row])
    found.require_nothing_lost(FULL)
    if found.share > REFUSED:
        raise SystemExit("more is refused than claimed")


def run(soak: Soak) -> Found:
    """Purge it all, night after night."""
    return simulate(_run(soak))


async def _run(soak: Soak) -> Found:
    options = Options(sku=Tier.STANDARD, latency=_LATENCY, page_cap=1_000, log_size=1)
    async with InsideEmulator(options=options) as emulator:
        _seed(emulator.registry, soak)
        world = World(FakeRegistry(), _POLICY)
        run = await world.start()
        nights = failures = 0
        while world.outbox.letters:
            failures += await _Night(emulator, world, soak, nights).work()
            nights += 1
            await asyncio.sleep(_DAY - soak.night)
        places = emulator.registry.repositories
        steps = [step for kept in world.store.runs[run.id].steps.values() for step in kept]
        statuses = emulator.log.statuses
        return Found(
            nights,
            emulator.log.total,
            statuses[429],
            statuses[202],
            Counter({name: len(place.manifests) for name, place in places.items()}),
            Counter(s.status if isinstance(s.status, Outcome) else None for s in steps),
            failures,
        )


def _seed(registry: Registry, soak: Soak) -> None:
    """Push the images: the old ones, and young ones that stay."""
    old = registry.clock.now - 30 * DAY
    for number in range(soak.repositories):
        name = f"team-{number:02}/app"
        for image in range(soak.images + _KEPT):
            young = image >= soak.images
            body = json.dumps({"schemaVersion": 2, "number": image, "of": name}).encode()
            tag = f"{'new' if young else 'old'}-{image}"
            at = registry.clock.now if young else old + image
            registry.push(name, body, media_type=_DOCKER, tags=(tag,), at=at)


class _Night:
    """One process that works on what is in the queue until its time is up."""

    def __init__(self, emulator: InsideEmulator, world: World, soak: Soak, number: int) -> None:
        self._emulator = emulator
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + soak.night
        chance = random.Random(number).random  # noqa: S311 - chance of pauses, nothing secret
        self._pace = Pace(Clock(self._loop.time, asyncio.sleep, chance), Sku.STANDARD)

    async def work(self) -> int:
        """Take message after message; return how many came to nothing."""
        letters, before = self._world.outbox.letters, self._world.deliveries
        done = 0
        while letters and self._loop.time() < self._end:
            letter = min(letters, key=lambda each: each.delay)
            wait = letter.delay / seconds(1)
            if self._loop.time() + wait >= self._end:
                break
            self._world.pass_time(letter.delay)
            await asyncio.sleep(wait)
            done += await self._world.deliver(letter, service=self._service())
        return self._world.deliveries - before - done

    def _service(self) -> Service:
        return replace(
            self._world.service(),
            connect=self._connect,
            clock=self._now,
            deadline=self._deadline,
            pace=lambda _: self._pace,
        )

    @asynccontextmanager
    async def _connect(self, host: str) -> AsyncIterator[RememberingRegistry]:
        options = AcrOptions(page_size=_PAGE)
        async with (
            known_bodies(host, NO_MEMORY, self._now) as bodies,
            reached(self._emulator, self._pace, options) as registry,
        ):
            yield RememberingRegistry(registry, bodies)

    def _now(self) -> Instant:
        return Instant(self._emulator.clock.now)

    @contextmanager
    def _deadline(self, stop: asyncio.Event) -> Iterator[None]:
        alarm = self._loop.call_at(self._end, stop.set)
        try:
            yield
        finally:
            alarm.cancel()
