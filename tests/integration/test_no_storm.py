"""A registry that fails for ever is left alone: the requests of a run have a bound.

A purge of 60 images, 8 requests at once. From the first request of its execution on, one kind of
request always fails in the same way. The run ends, and what it sends is bounded by the steps that
it may begin, whatever their number in the plan: once 10 in a row got no answer, no other is sent.
"""

import asyncio
import json
from dataclasses import replace
from typing import Final

import pytest

from acr_emulator import Kind, Match, Options
from purge_core.instants import DAY
from purge_core.model import RepositoryName
from purge_core.pace.pace import Pace
from purge_core.planning import RunOrder, plan_repositories
from purge_core.purging import purge_repositories
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from tests.builders import NOW
from tests.inside import HOST, InsideEmulator, reached
from tests.property.troubles import Trouble, as_fault
from tests.purges import EVERYTHING, RUN, MemoryJournal
from tests.virtual import simulate, virtual_clock

SHOP: Final = RepositoryName("shop")
IMAGES: Final = 60
WIDTH: Final = 8
BEGUN: Final = 10 + WIDTH
"""Steps that may be begun while none gets an answer."""
EACH: Final = 45
"""Requests for each of them: four attempts, each signed in, verified, and looked after."""
INVITED: Final = 150
"""Where the registry says each time when to come back: then it is asked up to 34 times."""
LASTING: Final = [t for t in Trouble if t not in {Trouble.SLOW, Trouble.EXPIRED, Trouble.NOT_FOUND}]


async def purge(trouble: Trouble, kind: Kind) -> tuple[int, set[Outcome]]:
    """Purge while all requests of a kind fail; return how many were sent, and the outcomes."""
    async with InsideEmulator(options=Options(latency=0.01)) as emulator:
        for number in range(IMAGES):
            body = json.dumps({"schemaVersion": 2, "number": number}).encode()
            media_type = "application/vnd.docker.distribution.manifest.v2+json"
            tags = (f"v{number}",)
            emulator.registry.push(SHOP, body, media_type=media_type, tags=tags, at=NOW - 9 * DAY)
        order = RunOrder(RUN, HOST, EVERYTHING, NOW, Mode.PURGE, concurrency=WIDTH)
        pace, journal, stop = Pace(virtual_clock()), MemoryJournal(), asyncio.Event()
        async with reached(emulator, pace) as registry:
            planned = await plan_repositories(registry, order, journal)
            emulator.log.reset()
            fault = replace(as_fault(trouble, 0, HOST, done=False), match=Match(kind=kind))
            emulator.faults.add(fault)
            results = await purge_repositories(
                registry, order, planned, journal, stop, stored=False, pace=pace
            )
        return emulator.log.total, {end.outcome for end in results[0].outcomes}


@pytest.mark.parametrize("kind", [Kind.MANIFEST_DELETE, Kind.MANIFESTS_LIST, Kind.OAUTH])
@pytest.mark.parametrize("trouble", LASTING)
def test_a_registry_that_fails_for_ever_is_left_alone(trouble: Trouble, kind: Kind) -> None:
    """Nothing went, each step has an end that says so, and the requests were few."""
    sent, outcomes = simulate(purge(trouble, kind))
    invites = trouble in {Trouble.TOO_MANY_WAIT, Trouble.DOWN}
    assert sent <= BEGUN * (INVITED if invites else EACH)
    assert outcomes <= {Outcome.FAILED, Outcome.DENIED, Outcome.LOCKED}
