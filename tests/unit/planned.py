"""A planned and a purged run for tests of reports and documents."""

import asyncio

from purge_core.planning import RunOrder
from purge_core.policies.policy import Policy
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, Record, RunId
from purge_core.records.results import RunResult
from purge_core.run import run
from tests.builders import NOW, Made, days, image, index, referrer, repository, tag
from tests.fakes import FakeRegistry

POLICY = load_policy(
    """
    version: 1
    rules:
      - {name: old, repositories: ".*", tags: ".*", older_than: 30d, allow_empty: true}
    untagged: {older_than: 30d}
    protect: [{name: current, repositories: ".*", tags: latest}]
    limits: {max_delete_share: 1.0}
    """
)

AMD = image("amd", size=3_000, age=days(40))
ARM = image("arm", size=2_000, age=days(40), platform="linux/arm64")
MULTI = index("multi", AMD, ARM, tags=["v1", "v1.0"], age=days(40))
LATEST = image("latest", tags=["latest"], age=days(50))
YOUNG = image("young", tags=[tag("v2", age=days(3))], age=days(3))


def shop(*more: Made) -> FakeRegistry:
    """Give a registry with one repository, in which some things go and some stay."""
    signed = referrer(MULTI, "sbom", age=days(40))
    return FakeRegistry(repository("shop", MULTI, LATEST, YOUNG, signed, *more), now=NOW)


class Deaf:
    """A journal that keeps nothing."""

    async def record(self, record: Record) -> None:
        """Keep nothing."""


def order(policy: Policy = POLICY, mode: Mode = Mode.PLAN) -> RunOrder:
    """Ask for a run over everything."""
    return RunOrder(RunId("run"), "contoso.azurecr.io", policy, NOW, mode)


def do(registry: FakeRegistry, policy: Policy = POLICY, mode: Mode = Mode.PLAN) -> RunResult:
    """Do a whole run."""

    async def work() -> RunResult:
        return await run(registry, order(policy, mode), Deaf(), asyncio.Event())

    return asyncio.run(work())
