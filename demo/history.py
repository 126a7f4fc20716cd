"""A registry with a past: its last nights, each purged by the app's own use cases.

The scene is made up, the purging is not: every night is planned, carried out and recorded as
the Function app does it, only that its clock shows the time of that night. `python -m
demo.history NIGHTS LEFT_OUT` does so with the settings of the app in its environment.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from purge_core.bootstrap import current_instant
from purge_core.hosting import open_service
from purge_core.instants import DAY, TICKS_PER_SECOND, Instant, Span
from purge_core.messages import Message
from purge_core.outbox import NOW
from purge_core.service.ports import Service
from purge_core.service.starting import start_nightly
from purge_core.service.working import work

ROOT: Final = Path(__file__).parent.parent
KEPT_DAYS: Final = 14
"""How old a pull request gets by demo/policy.yaml."""
_TEAMS: Final = {
    "shop/web": 3,
    "shop/api": 2,
    "shop/checkout": 4,
    "data/import": 1,
    "data/ranking": 2,
}
"""Repositories, and how busy they are."""
_BACKLOG: Final = 3
"""So many days of pull requests lie about when the first night comes."""


@dataclass(slots=True)
class Letters:
    """A queue in memory, for one process that does all of the work itself."""

    waiting: list[Message] = field(default_factory=list)

    async def send(self, message: Message, delay: Span = NOW) -> None:  # noqa: ARG002 - the port's
        """Keep a message until somebody takes it."""
        self.waiting.append(message)


def scene(nights: int) -> str:
    """Write what the teams have pushed, so that every night finds something to do.

    One repository holds nothing but old pull requests by the last night: a purge refuses it.
    """
    lines = ["repositories:"]
    for number, (name, busy) in enumerate(_TEAMS.items()):
        lines += [f"  {name}:", "    images:", *_releases(name, nights)]
        for age in range(KEPT_DAYS + nights + _BACKLOG, 0, -1):
            pushes = (busy * age * (age + 3 * number)) % (3 + busy) if (age + 3) % 7 > 1 else 0
            lines += [_pull_request(name, age, n) for n in range(pushes)]
    lines += ["  data/prototype:", "    images:"]
    lines += [_pull_request("data/prototype", KEPT_DAYS + 1, n) for n in range(2)]
    return "\n".join(lines)


def _releases(name: str, nights: int) -> Iterator[str]:
    base = f"{{size: 180MiB, shared: {name}}}"
    for number, age in enumerate(range(nights + 60, 0, -9), 1):
        latest = ", latest" if age <= 9 else ""
        yield f"      - {{tags: [v1.{number}.0{latest}], age: {age}d, layers: [{base}, 24MiB]}}"


def _pull_request(name: str, age: int, number: int) -> str:
    layers = f"[{{size: 180MiB, shared: {name}}}, {60 + 17 * (age + number) % 140}MiB]"
    return f"      - {{tags: [pr-{age}{number:02d}], age: {age}d12h, layers: {layers}}}"


async def keep(nights: int, left_out: int) -> int:
    """Run every night until now but the one that many nights ago; give how many ran.

    Raises:
        SettingsError: the environment does not name what is needed.
        PurgeError: a night could not do its work.

    """
    done = 0
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(open_service(ROOT))
        (host,) = service.options.registries
        registry = await stack.enter_async_context(service.connect(host))
        service = replace(service, connect=lambda _: nullcontext(registry))
        latest = service.options.schedule.latest(current_instant())
        if latest is None:
            raise AssertionError("a schedule comes at some time")
        for back in range(nights - 1, -1, -1):
            if back != left_out:
                await _night(service, Instant(latest - back * DAY))
                done += 1
    return done


async def _night(service: Service, moment: Instant) -> None:
    """Begin a night and do all of its work, at a clock that starts at ``moment``."""
    letters, began = Letters(), time.monotonic_ns()

    def clock() -> Instant:
        return Instant(moment + (time.monotonic_ns() - began) * TICKS_PER_SECOND // 10**9)

    by_night = replace(service, outbox=letters, clock=clock)
    await start_nightly(by_night)
    while letters.waiting:
        now, letters.waiting = letters.waiting, []
        await asyncio.gather(*(work(by_night, m, f"{moment}-{n}") for n, m in enumerate(now)))


if __name__ == "__main__":
    print(asyncio.run(keep(int(sys.argv[1]), int(sys.argv[2]))))
