"""What a purge frees exactly, held against what a registry stores: every blob once."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import acr_emulator
from acr_emulator.clock import Clock
from acr_emulator.compose import Composer, Format, Image, Layer, Scheme, TagSpec
from acr_emulator.media import Platform
from acr_emulator.usage import usage
from purge_core.adapters.known_bodies import known_bodies
from purge_core.adapters.manifest_file import open_manifest_file
from purge_core.adapters.remembering import RememberingRegistry
from purge_core.instants import DAY
from purge_core.manifest_memory import NO_MEMORY, ManifestMemory
from purge_core.measuring import gone_manifests, measure
from purge_core.planning import RunOrder, plan_repositories
from purge_core.policies.policy import Policy
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.results import Exact, RunResult
from purge_core.records.stock import Stock
from purge_core.run import carry_out
from purge_core.stocktaking import take_stock
from tests.builders import NOW
from tests.emulated import Emulated, emulated
from tests.unit.planned import Deaf

LAYERS = {f"layer {n}": 1_000 * 3**n for n in range(6)}
"""Every layer may be part of every image, in every repository."""
PLATFORMS = tuple(Platform(architecture=name, os="linux") for name in ("amd64", "arm64"))
POLICIES = tuple(
    load_policy(
        f"""
        version: 1
        rules:
          - {{repositories: "{where}", tags: "v[0-3]", older_than: 3d, allow_empty: true}}
        {more}
        limits: {{max_delete_share: null}}
        """
    )
    for where in ("a", "a|b", ".*")
    for more in ("", "untagged: {older_than: 3d}")
)


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image in a repository; two with one salt are the same image."""

    repository: str
    image: Image


def images() -> st.SearchStrategy[Pushed]:
    """Images of all forms, that share layers, and whole contents, across repositories."""
    layers = st.lists(st.sampled_from(sorted(LAYERS)), max_size=3, unique=True)
    return st.builds(
        lambda place, salt, names, days, tag, platforms, form, signed: Pushed(
            place,
            Image(
                salt=f"image {salt}",
                at=NOW - days * DAY,
                tags=(TagSpec(name=tag),) if tag else (),
                platforms=platforms,
                format=form,
                layers=tuple(Layer(size=LAYERS[name], shared=name) for name in names),
                signed=signed,
            ),
        ),
        st.sampled_from(("a", "b", "c")),
        st.integers(0, 3),
        layers,
        st.sampled_from((1, 5)),
        st.sampled_from(("", "v0", "v1", "v2", "stays")),
        st.sampled_from((PLATFORMS[:1], PLATFORMS)),
        st.sampled_from((Format.OCI, Format.DOCKER, Format.ORAS)),
        st.sampled_from((frozenset[Scheme](), frozenset({Scheme.REFERRER, Scheme.COSIGN}))),
    )


def filled(pushed: list[Pushed]) -> acr_emulator.Registry:
    """Make a registry of these images."""
    registry = acr_emulator.Registry(clock=Clock(start=NOW))
    for each in pushed:
        Composer(registry, each.repository).push(each.image)
    return registry


@dataclass(frozen=True, slots=True)
class Measured:
    """A run, what it frees, and how many manifests it said that it would look at."""

    result: RunResult
    exact: Exact
    told: int


async def measured(
    stage: Emulated, policy: Policy, mode: Mode, memory: ManifestMemory = NO_MEMORY
) -> Measured:
    """Plan, measure, and carry out."""
    order = RunOrder(RunId("run"), "contoso", policy, NOW, mode)
    told: list[int] = []
    async with known_bodies(stage.emulator.login_server, memory, lambda: NOW) as bodies:
        registry = RememberingRegistry(stage.registry, bodies)
        planned = await plan_repositories(registry, order, Deaf())
        gauge = await measure(registry, planned, 4, told.append)
        result = await carry_out(registry, order, planned, Deaf(), asyncio.Event())
    exact = gauge.exact(set(gone_manifests(result, mode)))
    (number,) = told
    return Measured(result, exact, number)


async def stocked(stage: Emulated, policy: Policy) -> Stock:
    """Take stock, by the policy."""
    run = RunOrder(RunId("run"), "contoso", policy, NOW)
    async with known_bodies(stage.emulator.login_server, NO_MEMORY, lambda: NOW) as bodies:
        registry = RememberingRegistry(stage.registry, bodies)
        planned = await plan_repositories(registry, run, Deaf())
        return await take_stock(registry, "contoso", NOW, 4, lambda _: None, planned)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(images(), min_size=1, max_size=8), st.sampled_from(POLICIES))
def test_exactly_what_the_registry_stores_less(pushed: list[Pushed], policy: Policy) -> None:
    """A plan and a stocktaking foretell it to the byte, and a purge tells it."""

    async def both() -> tuple[Exact, Stock, Exact, int, int]:
        with pytest.MonkeyPatch.context() as patch:
            registry = filled(pushed)
            async with emulated(patch, registry=registry) as stage:
                before = usage(registry).bytes
                plan = await measured(stage, policy, Mode.PLAN)
                stock = await stocked(stage, policy)
                done = await measured(stage, policy, Mode.PURGE)
                return plan.exact, stock, done.exact, before, usage(registry).bytes

    foretold, stock, told, before, after = asyncio.run(both())
    assert (foretold.bytes, told.bytes) == (before - after, before - after)
    assert (stock.bytes, stock.freed) == (before, before - after)


def image(salt: str, tag: str, layer: int, age: int = 5) -> Image:
    """Make an image with one layer of its own number."""
    shared = Layer(size=layer, shared=f"layer {layer}")
    return Image(salt=salt, at=NOW - age * DAY, tags=(TagSpec(name=tag),), layers=(shared,))


SHARING = [
    Pushed("a", image("one", "v0", 50_000)),
    Pushed("a", image("two", "v1", 90_000)),
    Pushed("far", image("three", "stays", 90_000)),
]
"""What goes shares a layer with what stays, in a repository that the policy does not cover."""


async def test_what_another_repository_needs_is_not_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The upper bound counts the layer; the exact figure does not."""
    async with emulated(monkeypatch, registry=filled(SHARING)) as stage:
        found = await measured(stage, POLICIES[1], Mode.PLAN)
    assert found.exact.bytes is not None
    assert 50_000 < found.exact.bytes < 60_000
    assert (found.exact.manifests, found.told, found.exact.unread) == (3, 3, 0)


async def test_a_warm_night_reads_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is remembered is not read again."""
    async with (
        emulated(monkeypatch, registry=filled(SHARING)) as stage,
        open_manifest_file(tmp_path / "manifests.db") as memory,
    ):
        cold = await measured(stage, POLICIES[1], Mode.PLAN, memory)
        assert stage.count(acr_emulator.Kind.MANIFEST_GET) == 3
        stage.emulator.log.reset()
        warm = await measured(stage, POLICIES[1], Mode.PLAN, memory)
        assert stage.count(acr_emulator.Kind.MANIFEST_GET) == 0
    assert warm.exact == cold.exact
