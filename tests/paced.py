"""A registry's quota in a time of its own, and clients that run along it."""

import asyncio
from dataclasses import dataclass, field

from acr_emulator import Options, Sku
from acr_emulator.errors import RegistryAnswer
from acr_emulator.kinds import Traffic
from acr_emulator.quota import Quota
from purge_core.pace.limiter import Limiter

_LEFT = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"


@dataclass
class Wall:
    """The development registry's quota of deletions, on the time of the running loop."""

    sku: Sku
    burst: float = 60.0
    shows: bool = True
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with full buckets."""
        self.time = asyncio.get_running_loop().time
        self.quota = Quota(Options(sku=self.sku, burst=self.burst), monotonic=self.time)

    def ask(self, identity: str = "us") -> float | None:
        """Count a deletion; what is left is shown. Raises RegistryAnswer when it is too many."""
        try:
            shown = self.quota.take(Traffic.DELETE, identity)
        except RegistryAnswer:
            if identity == "us":
                self.refused.append(self.time())
            raise
        if identity == "us":
            self.served.append(self.time())
        return float(shown[_LEFT]) * 60 if self.shows else None


@dataclass
class Client:
    """Sends deletions at once, each after its turn, until all are done."""

    wall: Wall
    limiter: Limiter
    latency: float = 0.02
    width: int = 16

    async def send(self, number: int) -> None:
        """Have so many deletions served."""
        left = iter(range(number))

        async def worker() -> None:
            for _ in left:
                while not await self._one():
                    pass

        await asyncio.gather(*(worker() for _ in range(self.width)))

    async def _one(self) -> bool:
        async with self.limiter.turn():
            await asyncio.sleep(self.latency / 2)
            try:
                shown = self.wall.ask()
            except RegistryAnswer as answer:
                await asyncio.sleep(self.latency / 2)
                self.limiter.refused(float(answer.headers["Retry-After"]))
                return False
            await asyncio.sleep(self.latency / 2)
            if shown is not None:
                self.limiter.shown(shown)
            return True
