"""The acts of the tour, and what has to be true in each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from acr_emulator.process import Served
from demo.app import night
from demo.stage import ROOT, DemoFailed, Stage, require, tell, title

POLICY = "demo/policy.yaml"
GIB = 1024**3


def tour(served: Served, page: Path, nights: int) -> None:
    """Show everything, in the order in which somebody would do it.

    What is left is ``page``, a report that goes back so many ``nights``.

    Raises:
        DemoFailed: something was not as it should be.
        HostError: the app or its storage could not be started.

    """
    stage = Stage.on(served.login_server, served.ca_file)
    before = served.admin("GET", "usage")
    introduce(served, before)
    planned = plan(stage)
    explain(stage, planned)
    purge(stage, served, planned)
    again(stage)
    conclude(before, served.admin("GET", "usage"))
    night(served, stage, page, nights)


def introduce(served: Served, usage: dict[str, Any]) -> None:
    """Say what the registry holds."""
    title("A registry as busy teams leave it")
    tell(
        f"A development registry is running at {served.login_server}, in a process of its own.\n"
        f"{usage['repositories']} repositories, {usage['tags']:,} tags, "
        f"{usage['manifests']:,} manifests, {usage['bytes'] / GIB:.1f} GiB: builds, pull\n"
        "requests, releases for several platforms, signatures, SBOMs, locks, leftovers."
    )


def plan(stage: Stage) -> dict[str, Any]:
    """Show the policy and the plan."""
    title("The policy")
    tell(f"\n$ cat {POLICY}\n{(ROOT / POLICY).read_text().strip()}")
    stage.show("policy", "check", POLICY)
    title("The plan: what would go, and why")
    stage.show("plan", "--policy", POLICY, head=18, tail=32)
    planned: dict[str, Any] = stage.document("plan", "--policy", POLICY)
    require(planned["totals"]["manifests"]["delete"] > 100, "the plan deletes next to nothing")
    require(set(planned["totals"]["repositories"]) == {"planned"}, "a repository was not planned")
    return planned


def explain(stage: Stage, planned: dict[str, Any]) -> None:
    """Show why one image stays and why one tag goes."""
    title("Why does this multi-arch image stay?")
    kept = stage.show("explain", "--policy", POLICY, next(_kept_images(planned)), head=40)
    require("STAYS, because" in kept, "the kept image is not explained")
    require("lists:" in kept, "the kept image lists nothing")
    title("And why does this tag go?")
    gone = stage.show("explain", "--policy", POLICY, next(_going_tags(planned)), head=40)
    require("GOES, because" in gone, "the deleted tag is not explained")


def _kept_images(planned: dict[str, Any]) -> Iterator[str]:
    """Give releases that stay, have several platforms, and are signed."""
    for each in planned["repositories"]:
        indexes = {
            reason["subject"]
            for manifest in each["manifests"]
            for reason in manifest["reasons"]
            if reason["code"] == "referrer-of-kept"
        } & {
            index
            for manifest in each["manifests"]
            for reason in manifest["reasons"]
            if reason["code"] == "listed-by-kept"
            for index in reason["indexes"]
        }
        for tag in each["tags"]:
            if tag["digest"] in indexes and tag["reasons"][0]["code"] == "newest":
                yield f"{each['repository']}:{tag['name']}"
    raise DemoFailed("no signed multi-arch release stays")


def _going_tags(planned: dict[str, Any]) -> Iterator[str]:
    """Give pull requests that go."""
    for each in planned["repositories"]:
        for tag in each["tags"]:
            if tag["verdict"] == "delete" and tag["name"].startswith("pr-"):
                yield f"{each['repository']}:{tag['name']}"
    raise DemoFailed("no pull request goes")


def purge(stage: Stage, served: Served, planned: dict[str, Any]) -> None:
    """Delete, and compare what is left with what was planned to stay."""
    title("The purge: every deletion is checked just before it is made")
    stage.show("purge", "--policy", POLICY, head=8, tail=3)
    state = served.admin("GET", "state")["repositories"]
    for each in planned["repositories"]:
        left = state.get(each["repository"], {"tags": {}, "manifests": {}})
        for kind, key in (("tags", "name"), ("manifests", "digest")):
            stays = {item[key] for item in each[kind] if item["verdict"] == "keep"}
            require(set(left[kind]) == stays, f"{each['repository']}: other {kind} than planned")
    tell("\nWhat is left is exactly what the plan said would stay.")


def again(stage: Stage) -> None:
    """A second run finds nothing."""
    title("Once more: nothing left to do")
    output = stage.show("purge", "--policy", POLICY, head=10, tail=2)
    require("Nothing was deleted." in output, "the second run found something")


def conclude(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Say what it was good for."""
    title("What it freed")
    freed = before["bytes"] - after["bytes"]
    require(freed > 0, "nothing was freed")
    for what in ("tags", "manifests"):
        tell(f"{what:<10} {before[what]:>8,} -> {after[what]:>8,}")
    tell(f"{'storage':<10} {before['bytes'] / GIB:>4.1f} GiB -> {after['bytes'] / GIB:>4.1f} GiB")
    tell(
        f"\nFreed: {freed / GIB:.1f} GiB. The plan could only give an upper bound: a registry\n"
        "does not tell which layers its images share."
    )
