"""Seeing and steering from outside."""

import json

import pytest

from acr_emulator import Emulator, Kind
from tests.emulator.http import Client, bearer, serving
from tests.emulator.seeds import image, index, new_registry


async def ask(client: Client, method: str, path: str, body: str = "") -> dict[str, object]:
    """The JSON of an answer that must be 200."""
    answer = await client.send(method, f"/_emulator/{path}", headers={}, body=body.encode())
    assert answer.status == 200, answer.body
    return answer.json


async def test_the_state_is_shown_as_it_is() -> None:
    """Children, subjects, locks, times: no list hides them."""
    registry = new_registry()
    child = image(registry, "a")
    parent = index(registry, child, tags=["v1"], subject="sha256:gone")
    async with serving(Emulator(registry)) as client:
        state = await ask(client, "GET", "state")
    assert json.loads(json.dumps(state))["repositories"]["shop/web"]["tags"]["v1"] == {
        "digest": parent,
        "createdTime": "2026-01-15T12:00:00Z",
        "lastUpdateTime": "2026-01-15T12:00:00Z",
        "changeableAttributes": {
            "deleteEnabled": True,
            "writeEnabled": True,
            "readEnabled": True,
            "listEnabled": True,
        },
    }
    manifest = json.loads(json.dumps(state))["repositories"]["shop/web"]["manifests"][parent]
    assert (manifest["children"], manifest["subject"]) == ([child], "sha256:gone")
    assert manifest["tags"] == ["v1"]


async def test_requests_are_shown_and_forgotten_and_admin_ones_are_not_among_them() -> None:
    """Counts always, entries when asked for."""
    async with serving(Emulator(new_registry())) as client:
        await client.get("/v2/")
        await client.get("/acr/v1/nowhere/_tags")
        summary = await ask(client, "GET", "requests")
        full = await ask(client, "GET", "requests?entries")
        await ask(client, "DELETE", "requests")
        after = await ask(client, "GET", "requests")
    assert summary["counts"] == {"ping": 1, "tags_list": 1}
    assert summary["statuses"] == {"200": 1, "404": 1}
    assert [entry["kind"] for entry in full["entries"]] == ["ping", "tags_list"]  # type: ignore[attr-defined]
    assert (after["total"], after["counts"]) == (0, {})


async def test_the_clock_is_set_and_moved() -> None:
    """To a time, by a span, and let run or stopped."""
    emulator = Emulator(new_registry())
    async with serving(emulator) as client:
        await ask(client, "PUT", "clock", '{"now":"2026-02-01T00:00:00Z","advance":"1d"}')
        assert await ask(client, "GET", "clock") == {
            "now": "2026-02-02T00:00:00Z",
            "running": False,
        }
        await ask(client, "PUT", "clock", '{"running":true}')
        assert emulator.clock.running
        await ask(client, "PUT", "clock", '{"running":false}')
        assert not emulator.clock.running


async def test_faults_are_added_and_lifted() -> None:
    """As in a scenario file, but JSON."""
    async with serving(Emulator(new_registry())) as client:
        await ask(client, "POST", "faults", '[{"kind":"ping","status":503}]')
        spoilt = await client.get("/v2/")
        await ask(client, "DELETE", "faults")
        assert (spoilt.status, (await client.get("/v2/")).status) == (503, 200)


async def test_a_scenario_is_seeded_into_the_running_registry() -> None:
    """What is there stays; events count from then on."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    text = """
repositories: {shop/web: {images: [{tags: [v2]}]}}
events: [{before: {kind: ping}, actions: [{do: delete, repository: shop/web, tag: v1}]}]
"""
    async with serving(Emulator(registry)) as client:
        await ask(client, "POST", "scenario", text)
        assert set(registry.repositories["shop/web"].tags) == {"v1", "v2"}
        await client.get("/v2/")
        assert set(registry.repositories["shop/web"].tags) == {"v2"}


async def test_hooks_can_be_removed() -> None:
    """An event that was not reached does not happen any more."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    events = "events: [{before: {kind: ping}, actions: [{do: delete, repository: shop/web}]}]"
    async with serving(Emulator(registry)) as client:
        await ask(client, "POST", "scenario", events)
        await ask(client, "DELETE", "hooks")
        await client.get("/v2/")
    assert list(registry.repositories) == ["shop/web"]


async def test_tokens_are_revoked() -> None:
    """Every client must sign in anew."""
    emulator = Emulator(new_registry())
    async with serving(emulator) as client:
        headers = bearer(await client.access_token("registry:catalog:*"))
        await ask(client, "DELETE", "tokens")
        await client.send("GET", "/acr/v1/_catalog", headers=headers)
    assert emulator.log.counts[Kind.CHALLENGE] == 1


async def test_usage_is_told() -> None:
    """Counts and bytes."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    async with serving(Emulator(registry)) as client:
        assert await ask(client, "GET", "usage") == {
            "repositories": 1,
            "manifests": 1,
            "tags": 1,
            "bytes": registry.manifest("shop/web", digest).size,
        }


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nothing", "", 405),
        ("PUT", "clock", '{"noww":"x"}', 400),
        ("PUT", "clock", "nonsense", 400),
        ("POST", "faults", '[{"statuss":1}]', 400),
        ("POST", "scenario", "foo: 1", 400),
    ],
)
async def test_mistakes_are_told(method: str, path: str, body: str, status: int) -> None:
    """Unknown addresses and malformed bodies change nothing."""
    async with serving(Emulator(new_registry())) as client:
        answer = await client.send(method, f"/_emulator/{path}", headers={}, body=body.encode())
        assert answer.status == status
