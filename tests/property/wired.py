"""A purge by the real adapter on the development registry, among events, in a time of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from acr_emulator import Kind as Asked
from acr_emulator import Match, Registry
from acr_emulator.wire.call import Call as Request
from purge_core.model import Digest, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import Target, target_of
from tests.fakes import Call
from tests.inside import HOST, InsideEmulator
from tests.property.claims import WINDOW, Loss
from tests.property.events import CHANGES, EARLY, WAITS, Event, Kind
from tests.property.others import Others
from tests.property.troubles import Trouble, as_fault
from tests.property.wire_ground import WireGround

LATENCY: Final = 0.01
"""Seconds from the client to the registry."""

_METHODS: Final = {
    Asked.TAG_DELETE: "delete_tag",
    Asked.MANIFEST_DELETE: "delete_manifest",
    Asked.TAG_PATCH: "lock_tag",
    Asked.MANIFEST_PATCH: "lock_manifest",
}


class Wire:
    """Watches the development registry, and lets a schedule of events take place there."""

    def __init__(self, emulator: InsideEmulator, ground: WireGround) -> None:
        """Watch the one repository of ``emulator``, which is ``ground``."""
        self.first_state = ground.held
        self.calls: list[Call] = []
        """The requests that would change something, and were let in."""
        self.losses: list[Loss] = []
        self.absent: dict[Target, float] = {}
        self.opened: dict[Target, list[float]] = {}
        self.troubles: list[tuple[Call, Trouble]] = []
        self.requests = 0
        self._emulator = emulator
        self._ground = ground
        self._seconds = asyncio.get_running_loop().time
        self._sent: dict[int, float] = {}
        self._away: set[Target] = set()

    async def disturb(
        self, plan: PurgePlan, schedule: Iterable[Event], stop: Callable[[], None]
    ) -> None:
        """Let ``schedule`` take place from the next request on, in view of ``plan``."""
        self.others = Others(self._ground, plan, self._seconds)
        self._planned: set[Target] = {target_of(step) for step in plan.steps}
        self._stop = stop
        self._due: defaultdict[int, list[Event]] = defaultdict(list)
        for event in schedule:
            self._due[event.at].append(event)
        for event in self._due[EARLY]:
            if event.kind in CHANGES and event.kind is not Kind.WAIT:
                self.others.change(event)
        self._look()
        await asyncio.sleep(2 * WINDOW)
        self._emulator.hooks.before(Match(), self._arrived)
        self._emulator.hooks.after(Match(), self._carried_out)

    def calm(self) -> None:
        """Let nothing happen any more."""
        self._emulator.hooks.clear()
        self._emulator.faults.clear()

    async def _arrived(self, _registry: Registry, request: Request) -> None:
        self._sent[request.number] = self._seconds() - LATENCY
        due = self._due.get(self.requests, ())
        self.requests += 1
        for event in due:
            await self._apply(event, request)
            self._look()

    async def _apply(self, event: Event, request: Request) -> None:
        match event.kind:
            case Kind.WAIT:
                await asyncio.sleep(WAITS[event.first % len(WAITS)])
            case Kind.STOP:
                self._stop()
            case Kind.FAIL | Kind.LOSE:
                self._fail(event, request)
            case _:
                self.others.change(event)

    def _fail(self, event: Event, request: Request) -> None:
        lost, trouble = event.kind is Kind.LOSE, event.trouble
        self.troubles.append((_call(request), trouble))
        if trouble is Trouble.EXPIRED:
            self._emulator.tokens.revoke_all()
        else:
            fault = as_fault(trouble, request.number, HOST, done=lost)
            self._emulator.faults.add(fault)

    def _carried_out(self, _registry: Registry, request: Request) -> None:
        """Compare with the state right before the request took effect: nothing came between."""
        if request.kind not in _METHODS or request.identity is None:
            return
        before, sent = self._latest, self._sent[request.number]
        self.calls.append(_call(request))
        self._look()
        if request.kind in {Asked.TAG_DELETE, Asked.MANIFEST_DELETE}:
            manifests = before.manifests.keys() - self._latest.manifests.keys()
            tags = before.tags.keys() - self._latest.tags.keys()
            self.losses.append(Loss(_call(request), sent, before, set(manifests), set(tags)))
        else:
            self.opened.setdefault(_target(request), []).append(sent)
            self.others.overwrote_lock(_target(request), sent - WINDOW)

    def _look(self) -> None:
        self._latest = self._ground.held
        away = self._planned - self._latest.tags.keys() - self._latest.manifests.keys()
        self.absent |= dict.fromkeys(away - self._away, self._seconds())
        self._away = away


def _call(request: Request) -> Call:
    method = _METHODS.get(request.kind, request.kind.value)
    return Call(method, request.repository, request.reference)


def _target(request: Request) -> Target:
    is_tag = request.kind in {Asked.TAG_DELETE, Asked.TAG_PATCH}
    return TagName(request.reference) if is_tag else Digest(request.reference)
