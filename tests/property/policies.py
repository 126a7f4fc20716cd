"""Generated policies: documents with several rules, and flags of ``acr purge``."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Final

from hypothesis import strategies as st

from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Policy, Protection, Rule, Selector, Target, Untagged
from tests.parity.acr_purge_model import Flags
from tests.property.strategies import THRESHOLDS

_REPOSITORIES: Final = tuple(map(compile_pattern, (".*", "shop|team/.*", "shop.*", "other")))
_TAGS: Final = tuple(
    map(
        compile_pattern,
        (".*", r"v\d", "v1|dev-.*", "(?i:dev-.*)", "latest|pr-1", "sha256-.*", "(?!latest).*"),
    )
)
FILTERS: Final = (
    ".*:.*",
    "shop:.*",
    "shop:v",
    "shop.*:^v1$",
    "shop|team/app:1",
    "team/app:dev|latest",
    "shop-.*:(?i)dev",
    ".*:^(?!v)",
    ".*:sha256-",
    "(?:shop|other):[[:digit:]]$",
    "other:.*",
)
AGOS: Final = ("0d", "1d", "3d", "72h", "10d", "1d12h", "200d")


SELECTORS: Final = tuple(
    Selector(repositories, tags)
    for tags in (*_TAGS[:1] * 4, *_TAGS)
    for repositories in (*_REPOSITORIES[:1] * 4, *_REPOSITORIES)
)
_RULES: Final = tuple(
    Rule("", (selector,), older_than, keep, target)
    for keep in (0, 0, 1, 2, 3)
    for older_than in THRESHOLDS
    for target in Target
    for selector in SELECTORS
)
_UNTAGGED: Final = (
    *(
        Untagged(older_than, keep, orphans=orphans)
        for keep in (0, 0, 1, 2)
        for orphans in (False, True)
        for older_than in THRESHOLDS
    ),
    *(None,) * 8,
)
_FILTER_SETS: Final = tuple(some for size in (1, 2, 3) for some in combinations(FILTERS, size))
_EVERYTHING: Final = ((FILTERS[0],),) * len(_FILTER_SETS)


@cache
def documents() -> st.SearchStrategy[Policy]:
    """Policy documents."""
    return st.builds(
        _document,
        st.lists(st.sampled_from(_RULES), max_size=3),
        st.sampled_from(_UNTAGGED),
        st.sampled_from((*(None,) * 200, *SELECTORS)),
        st.sampled_from((False, False, True)),
    )


def _document(
    rules: Sequence[Rule],
    untagged: Untagged | None,
    protected: Selector | None,
    include_locked: bool,
) -> Policy:
    return Policy(
        rules=tuple(replace(rule, name=f"rule {n}") for n, rule in enumerate(rules)),
        untagged=untagged,
        protect=() if protected is None else (Protection("protected", protected),),
        include_locked=include_locked,
    )


@cache
def flag_sets() -> st.SearchStrategy[Flags]:
    """Flags of ``acr purge`` that both programs accept and read alike."""
    return st.builds(
        _flags,
        st.sampled_from(("tags", "untagged", "untagged", "untagged-only", "all-untagged")),
        st.sampled_from(_EVERYTHING + _FILTER_SETS),
        st.sampled_from(AGOS),
        st.sampled_from((0, 0, 1, 2, 3)),
        st.sampled_from((False, False, True)),
    )


def _flags(mode: str, filters: tuple[str, ...], ago: str, keep: int, include_locked: bool) -> Flags:
    only = mode in {"untagged-only", "all-untagged"}
    return Flags(
        filters=() if mode == "all-untagged" else filters,
        ago="" if only and ago == "0d" else ago,
        keep=keep,
        untagged=mode == "untagged",
        untagged_only=only,
        include_locked=include_locked,
    )


def policy_of(flags: Flags) -> Policy:
    """Read the flags as the dialect does."""
    return acr_policy(
        AcrPurgeFlags(
            filters=flags.filters,
            ago=flags.ago or None,
            keep=flags.keep,
            untagged=flags.untagged,
            untagged_only=flags.untagged_only,
            include_locked=flags.include_locked,
        )
    )


@cache
def policies() -> st.SearchStrategy[Policy]:
    """Policies of both kinds."""
    return st.one_of(documents(), flag_sets().map(policy_of))
