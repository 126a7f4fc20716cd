"""The flags of ``acr purge`` as a policy: same meaning, nothing guessed.

Source: Azure/acr-cli v0.18.1, cmd/acr/purge.go. Where that program misreads (a malformed
age, an invalid pattern), this is an error.
"""

from dataclasses import dataclass
from typing import Final

from purge_core.durations import parse_duration
from purge_core.errors import PolicyError, Problem
from purge_core.instants import Span
from purge_core.policies.acr_filter import compile_filter
from purge_core.policies.patterns import DEFAULT_TIMEOUT
from purge_core.policies.policy import Dialect, Policy, Rule, Selector, Untagged
from purge_core.wording import shown

RULE_NAME: Final = "filters"
"""The one rule that all filters make together: they share one keep counter."""

MAX_CONCURRENCY: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrPurgeFlags:
    """What ``acr purge`` is told to delete; defaults are its own."""

    filters: tuple[str, ...] = ()
    ago: str | None = None
    keep: int = 0
    untagged: bool = False
    untagged_only: bool = False
    include_locked: bool = False
    filter_timeout_seconds: int = 60


def acr_policy(flags: AcrPurgeFlags) -> Policy:
    """Turn the flags into a policy of the ``acr purge`` dialect.

    No limits apply and a repository may be emptied, as with ``acr purge``.

    Raises:
        PolicyError: with all problems of the flags.

    """
    problems = list(_contradictions(flags))
    selectors = _selectors(flags, problems)
    older_than = _age(flags, problems)
    if problems:
        raise PolicyError(problems)
    rule = Rule(RULE_NAME, selectors, older_than, flags.keep, allow_empty=True)
    return Policy(
        rules=() if flags.untagged_only else (rule,),
        untagged=_untagged(flags, selectors, older_than),
        limits=None,
        include_locked=flags.include_locked,
        dialect=Dialect.ACR_PURGE,
    )


def clamp_concurrency(wanted: int) -> tuple[int | None, str | None]:
    """Bring ``--concurrency`` into 1 to 32, with a note where that changes it.

    ``None`` stands for the default.
    """
    if wanted <= 0:
        return None, f"--concurrency {wanted} is not positive; the default is used"
    if wanted > MAX_CONCURRENCY:
        return MAX_CONCURRENCY, f"--concurrency {wanted} is too high; {MAX_CONCURRENCY} is used"
    return wanted, None


def _contradictions(flags: AcrPurgeFlags) -> list[Problem]:
    problems = []
    if not flags.filters and not flags.untagged_only:
        wanted = "at least one filter, such as 'repository:tag' (or --untagged-only)"
        problems.append(Problem("--filter", "nothing", wanted))
    if flags.untagged and flags.untagged_only:
        found = "both --untagged and --untagged-only"
        problems.append(Problem("--untagged-only", found, "one of the two"))
    if flags.keep < 0:
        problems.append(Problem("--keep", str(flags.keep), "0 or more"))
    return problems


def _selectors(flags: AcrPurgeFlags, problems: list[Problem]) -> tuple[Selector, ...]:
    seconds = flags.filter_timeout_seconds
    timeout = float(seconds) if seconds > 0 else DEFAULT_TIMEOUT
    selectors = []
    for number, text in enumerate(flags.filters):
        try:
            selectors.append(compile_filter(text, timeout))
        except ValueError as error:
            path = f"--filter[{number}]" if len(flags.filters) > 1 else "--filter"
            problems.append(Problem(path, shown(text), str(error)))
    return tuple(selectors)


def _age(flags: AcrPurgeFlags, problems: list[Problem]) -> Span:
    if flags.ago is None:
        if not flags.untagged_only:
            wanted = "a duration such as 30d (required unless --untagged-only; 0d for any age)"
            problems.append(Problem("--ago", "nothing", wanted))
        return Span(0)
    try:
        return parse_duration(flags.ago)
    except ValueError as error:
        problems.append(Problem("--ago", shown(flags.ago), str(error)))
        return Span(0)


def _untagged(
    flags: AcrPurgeFlags, selectors: tuple[Selector, ...], older_than: Span
) -> Untagged | None:
    if not flags.untagged and not flags.untagged_only:
        return None
    repositories = tuple(dict.fromkeys(s.repositories for s in selectors))
    return Untagged(older_than, flags.keep, repositories=repositories)
