"""Faults and hooks: what goes wrong, and what happens in between."""

import asyncio

import aiohttp
import pytest

from acr_emulator import Effect, Emulator, Fault, Kind, Match, Options, Registry, RegistryAnswer
from acr_emulator.wire.call import Call
from tests.emulator.http import basic, serving
from tests.emulator.seeds import image, new_registry

TAG = "/acr/v1/shop/web/_tags/v1"
LIST = "/acr/v1/shop/web/_tags"


def emulator() -> Emulator:
    """An emulator with one tag."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    return Emulator(registry)


async def test_a_status_fault_answers_instead() -> None:
    """With headers and body of its own, and the request takes no effect."""
    running = emulator()
    running.faults.add(
        Fault(
            match=Match(kind=Kind.TAG_DELETE, times=1),
            status=429,
            headers={"Retry-After": "7"},
            body=b"slow down",
        )
    )
    async with serving(running) as client:
        spoilt = await client.send("DELETE", TAG)
        assert (spoilt.status, spoilt.body) == (429, b"slow down")
        assert spoilt.headers["Retry-After"] == "7"
        assert (await client.send("DELETE", TAG)).status == 202


async def test_a_fault_can_spoil_the_answer_of_what_was_done() -> None:
    """The delete happens, its answer is lost."""
    running = emulator()
    running.faults.add(Fault(match=Match(method="DELETE", times=1), status=500, done=True))
    async with serving(running) as client:
        assert (await client.send("DELETE", TAG)).status == 500
        assert (await client.send("DELETE", TAG)).status == 404


@pytest.mark.parametrize("done", [True, False])
async def test_a_reset_tears_the_connection(*, done: bool) -> None:
    """After or before the request took effect; the next connection is fine."""
    running = emulator()
    fault = Fault(match=Match(method="PATCH", times=1), effect=Effect.RESET, done=done)
    running.faults.add(fault)
    async with serving(running) as client:
        with pytest.raises(aiohttp.ClientError):
            await client.send("PATCH", TAG, body=b'{"deleteEnabled":false}')
        assert running.registry.tag("shop/web", "v1").attributes.locked == done
        assert (await client.get(TAG)).status == 200
    assert [entry.status for entry in running.log.entries] == [0, 200]


async def test_a_truncated_answer_ends_in_the_middle() -> None:
    """The headers promise more than comes."""
    running = emulator()
    running.faults.add(Fault(match=Match(times=1), effect=Effect.TRUNCATE))
    async with serving(running) as client:
        with pytest.raises(aiohttp.ClientPayloadError):
            await client.get(LIST)
        assert (await client.get(LIST)).status == 200


async def test_garbage_is_no_json() -> None:
    """200, and bytes that mean nothing."""
    running = emulator()
    running.faults.add(Fault(match=Match(), effect=Effect.GARBAGE))
    async with serving(running) as client:
        answer = await client.get(LIST)
        assert answer.status == 200
        with pytest.raises(ValueError, match=r"."):
            _ = answer.json


async def test_a_timeout_never_answers_and_does_not_keep_the_server_open() -> None:
    """Who waits gives up first, or the server stops."""
    running = emulator()
    running.faults.add(Fault(match=Match(), effect=Effect.TIMEOUT))
    async with serving(running) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get(LIST)
        waiting = asyncio.ensure_future(client.get(LIST))
        await asyncio.sleep(0.05)
        await running.__aexit__(None, None, None)
        with pytest.raises(aiohttp.ClientError):
            await waiting


async def test_a_slow_answer_is_the_true_one() -> None:
    """It only comes later."""
    running = emulator()
    running.faults.add(Fault(match=Match(), effect=Effect.SLOW, delay=0.01))
    async with serving(running) as client:
        assert (await client.send("DELETE", TAG)).status == 202


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        (Match(), [1, 2, 3, 4, 5, 6]),
        (Match(after=2), [3, 4, 5, 6]),
        (Match(after=1, times=2), [2, 3]),
        (Match(every=3), [3, 6]),
        (Match(number=4), [4]),
        (Match(path="_tags$"), [1, 2, 3, 4, 5, 6]),
        (Match(path="_manifests"), []),
        (Match(method="GET|HEAD"), [1, 2, 3, 4, 5, 6]),
        (Match(method="GE"), []),
        (Match(kind=Kind.TAG_GET), []),
    ],
)
async def test_which_requests_are_meant(match: Match, struck: list[int]) -> None:
    """By kind, path, method and count."""
    running = emulator()
    running.faults.add(Fault(match=match, status=503))
    async with serving(running) as client:
        statuses = [(await client.get(LIST)).status for _ in range(6)]
    assert [number for number, status in enumerate(statuses, 1) if status == 503] == struck


async def test_a_hook_changes_the_registry_between_two_requests() -> None:
    """The second of two equal requests sees what came in between."""
    running = emulator()

    def push(registry: Registry, _call: Call) -> None:
        image(registry, "b", tags=["v2"])

    running.hooks.before(Match(number=2), push)
    async with serving(running) as client:
        counts = [len((await client.get(LIST)).json["tags"]) for _ in range(2)]
    assert counts == [1, 2]


async def test_a_hook_may_be_a_coroutine_and_run_after() -> None:
    """The answer is the one of before the change."""
    running = emulator()

    async def delete(registry: Registry, call: Call) -> None:
        await asyncio.sleep(0)
        registry.delete_tag("shop/web", call.reference)

    running.hooks.after(Match(kind=Kind.TAG_GET, times=1), delete)
    async with serving(running) as client:
        statuses = [(await client.get(TAG)).status for _ in range(2)]
    assert statuses == [200, 404]


async def test_a_hook_that_fails_is_told_as_the_emulators_own_fault() -> None:
    """A mistake in a test must not pass as the registry's answer, nor unnoticed."""
    running = emulator()

    def fail(registry: Registry, _call: Call) -> None:
        registry.delete_tag("shop/web", "no such tag")

    running.hooks.before(Match(times=1), fail)
    with pytest.RaisesGroup(RegistryAnswer):
        async with serving(running) as client:
            answer = await client.get(LIST)
            assert (answer.status, answer.code) == (500, "EMULATOR")
            assert (await client.get(LIST)).status == 200


async def test_the_log_tells_what_was_asked_and_answered() -> None:
    """Kinds, names, identities; a 401 counts as challenge whatever was asked."""
    running = emulator()
    async with serving(running) as client:
        await client.send("GET", LIST, headers={})
        await client.get(LIST)
        await client.send("DELETE", TAG)
        await client.send("DELETE", TAG)
        await client.access_token("repository:shop/web:delete")
    log = running.log
    assert log.counts == {
        Kind.CHALLENGE: 1,
        Kind.TAGS_LIST: 1,
        Kind.TAG_DELETE: 2,
        Kind.OAUTH: 2,
    }
    assert [entry.status for entry in log.of(Kind.TAG_DELETE)] == [202, 404]
    assert log.entries[0].asked is Kind.TAGS_LIST
    deleted = log.of(Kind.TAG_DELETE)[0]
    assert (deleted.repository, deleted.reference, deleted.identity) == ("shop/web", "v1", "admin")
    log.reset()
    assert log.total == 0


async def test_requests_in_flight_are_counted() -> None:
    """Five that wait for each other are five at once."""
    running = Emulator(new_registry(), Options(latency=0.001))
    together = asyncio.Barrier(5)
    running.hooks.before(Match(), lambda _registry, _call: together.wait())
    async with serving(running) as client:
        await asyncio.gather(*(client.send("GET", "/v2/", headers=basic()) for _ in range(5)))
    assert running.log.most_in_flight == 5
    assert running.log.in_flight == 0
