"""The default policy and every example: they load, mean what they say, and fit the schema."""

from pathlib import Path

import jsonschema
import pytest

from purge_core.durations import parse_duration
from purge_core.model import RepositoryName, TagName
from purge_core.policies.document import policy_schema
from purge_core.policies.policy import Limits, Policy, Target
from purge_core.policies.source import load_policy
from purge_core.policies.yaml_text import read_yaml

ROOT = Path(__file__).parent.parent.parent
DEFAULT = ROOT / "purge-policy.yaml"
EXAMPLES = sorted((ROOT / "examples" / "policies").glob("*.yaml"))


def load(name: str) -> Policy:
    """Return an example by its name."""
    return load_policy((ROOT / "examples" / "policies" / f"{name}.yaml").read_text())


def owner(policy: Policy, repository: str, tag: str) -> str | None:
    """Return the name of the rule that owns a tag."""
    names = (r.name for r in policy.rules if r.matches(RepositoryName(repository), TagName(tag)))
    return next(names, None)


def protected(policy: Policy, repository: str, tag: str) -> bool:
    """Say whether a protection covers a tag."""
    return any(
        entry.selector.repositories.matches(repository) and entry.selector.tags.matches(tag)
        for entry in policy.protect
    )


@pytest.mark.parametrize("path", [DEFAULT, *EXAMPLES], ids=lambda path: path.stem)
def test_loads_and_fits_the_schema(path: Path) -> None:
    """Each is a valid policy, by the loader and by the published schema."""
    assert not load_policy(path.read_text()).is_empty
    jsonschema.validate(read_yaml(path.read_text()).value, policy_schema())


def test_there_are_examples() -> None:
    """The folder of examples is where the tests look for it."""
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize(
    ("tag", "rule", "is_protected"),
    [
        ("pr-12", "pull requests", False),
        ("1.4.2", "releases", False),
        ("v2.0", "releases", False),
        ("3.1.0-rc.1", "releases", False),
        ("2024", None, False),
        ("main", None, False),
        ("xpr-12", None, False),
        ("latest", None, True),
        ("stable", None, True),
        ("prod-7", None, True),
    ],
)
def test_default_policy_selects(tag: str, rule: str | None, is_protected: bool) -> None:
    """The default takes leftovers of builds and old releases, and protects what may run."""
    policy = load_policy(DEFAULT.read_text())
    assert owner(policy, "team/app", tag) == rule
    assert protected(policy, "team/app", tag) == is_protected


def test_default_policy_is_cautious() -> None:
    """Ages, counts and limits of the default are what its comments say."""
    policy = load_policy(DEFAULT.read_text())
    assert [(r.older_than, r.keep_newest) for r in policy.rules] == [
        (parse_duration("3d"), 0),
        (parse_duration("30d"), 10),
    ]
    assert policy.untagged is not None
    assert policy.untagged.older_than == parse_duration("7d")
    assert policy.limits == Limits(5000, 0.9)
    assert not policy.include_locked
    assert policy.registries == ()


def test_ci_builds() -> None:
    """Branches, commits and nightlies each have their rule; moving tags stay."""
    policy = load("ci-builds")
    tags = ("nightly-20240131", "pr-1", "sha-0a1b2c3", "0a1b2c3", "1.0", "latest")
    owners = [owner(policy, "team/api", tag) for tag in tags]
    assert owners == ["nightlies", "branches", "commits", "commits", None, None]
    assert owner(policy, "other/api", "pr-1") is None
    assert protected(policy, "any", "edge")
    assert policy.untagged is not None
    assert policy.untagged.orphans


def test_many_tags_per_image() -> None:
    """Images go as a whole; caches may go entirely."""
    policy = load("many-tags-per-image")
    caches, images = policy.rules
    assert images.target is Target.IMAGES
    assert caches.allow_empty
    repositories = ("buildcache", "shop/web-cache", "shop/web", "cache")
    owners = [owner(policy, repository, "x") for repository in repositories]
    assert owners == ["build caches", "build caches", "shop images", None]
    assert protected(policy, "shop/web", "LTS-1")
    assert policy.limits == Limits(20_000, 1.0)


def test_untagged_only() -> None:
    """Nothing but untagged manifests of the named repositories."""
    policy = load("untagged-only")
    assert policy.rules == ()
    assert policy.untagged is not None
    covered = [policy.untagged.covers(RepositoryName(n)) for n in ("backend/a", "frontend", "b")]
    assert covered == [True, True, False]
    assert [entry.name for entry in policy.protect] == ["protection 1"]


def test_staged_retention() -> None:
    """Stages have lifetimes of their own, and a time limit applies to every pattern."""
    policy = load("staged-retention")
    assert policy.registries == ("contosodev", "contosoprod.azurecr.io")
    assert [rule.older_than for rule in policy.rules] == [
        parse_duration(age) for age in ("7d", "28d", "730d")
    ]
    assert {s.tags.timeout for rule in policy.rules for s in rule.selectors} == {5.0}
    assert protected(policy, "any", "prod-1-legal-hold")
