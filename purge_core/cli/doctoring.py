"""What ``doctor`` does, apart from reading its options."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from purge_core.adapters.acr_auth import credential_for
from purge_core.adapters.acr_hosts import registry_host
from purge_core.adapters.acr_probe import look_at_registry
from purge_core.bootstrap import current_instant, open_store, read_used_images
from purge_core.checkup.checks import Check, Need, State, all_well
from purge_core.checkup.registry_checks import registry_checks
from purge_core.checkup.storage_checks import QUEUES, TABLES, run_check, storage_checks
from purge_core.checkup.telling import check_document, check_lines
from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.given import DoctorOptions
from purge_core.cli.policies import read_policy, read_text
from purge_core.errors import InputError, JournalError, Problem, UseUnknown
from purge_core.hosting import configure
from purge_core.journal_address import JournalAddress
from purge_core.model import RepositoryName
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.report.text import count
from purge_core.settings import Settings
from purge_core.wording import shown

_MARK: Final = "\ufeff"
"""What some editors of Windows begin a file with."""
_MOST_REPOSITORIES: Final = 10
"""About so many repositories the rights are asked."""
_SWITCHES: Final = {
    "AzureWebJobs.nightly.Disabled": "no night begins by itself",
    "AzureWebJobs.work.Disabled": "nobody takes work from the queue",
}
"""By these the host leaves functions out."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What is to be examined. ``policy``: none is known."""

    settings: Settings
    hosts: tuple[str, ...]
    policy: Policy | None
    need: Need
    is_app: bool
    root: Path


def examine(options: DoctorOptions) -> int:
    """Look at everything and tell it."""
    for name in options.registries:
        registry_host(name, path="--registry")
    checks: list[Check] = []
    root = _take_settings(options.settings)
    is_app = options.settings is not None or bool(os.environ.get("PURGE_REGISTRIES"))
    case = _case(options, root, checks, is_app=is_app)
    if case is not None:
        checks += asyncio.run(_examined(case, options.repositories))
    if options.output == "json":
        console.emit([json.dumps(check_document(checks), indent=2), "\n"])
    else:
        console.say(check_lines(checks))
    return Exit.DONE if all_well(checks) else Exit.TROUBLE


def _take_settings(name: str | None) -> Path:
    """Put the values of a settings file into the environment, as the host does.

    Gives the folder of the app.
    """
    if name is None:
        return Path()
    try:
        values = json.loads(read_text(name, "--settings").removeprefix(_MARK))["Values"]
        for variable, value in values.items():
            os.environ.setdefault(variable, value)
    except (ValueError, LookupError, TypeError, AttributeError):
        wanted = 'a file as of Azure Functions: {"Values": {"NAME": "value"}}'
        raise InputError([Problem("--settings", shown(name), wanted)]) from None
    return Path(name).parent


def _case(options: DoctorOptions, root: Path, checks: list[Check], *, is_app: bool) -> _Case | None:
    """Read settings and policy; what is wrong with them is a check. ``None``: unusable."""
    try:
        if is_app:
            configured = configure(os.environ, root)
            settings, policy = configured.settings, configured.options.policy
            if options.policy is not None:
                policy = read_policy(options.policy, "--policy").policy
            checks.append(_fine("settings", f"right; PURGE_MODE is {settings.mode.value}"))
            checks += _paused(os.environ)
        else:
            settings, policy = Settings.from_environ(os.environ), None
            named = options.policy or settings.policy
            policy = None if named is None else read_policy(named, "--policy").policy
        hosts = _hosts(options, settings, policy)
    except InputError as error:
        checks += [_wrong(problem) for problem in error.problems]
        return None
    mode = settings.mode if is_app else Mode.PURGE
    mode = mode if options.purpose is None else Mode(options.purpose)
    need = Need(mode, policy is not None and policy.include_locked)
    return _Case(settings, hosts, policy, need, is_app, root)


def _hosts(options: DoctorOptions, settings: Settings, policy: Policy | None) -> tuple[str, ...]:
    default = (settings.registry,) if settings.registry is not None else ()
    of_policy = policy.registries if policy is not None else ()
    names = options.registries or settings.registries or of_policy or default
    if not names:
        wanted = "a registry, such as --registry contoso"
        raise InputError([Problem("--registry", "nothing", wanted)])
    return tuple(dict.fromkeys(registry_host(name, path="--registry") for name in names))


def _fine(topic: str, said: str) -> Check:
    return Check("configuration", topic, State.OK, said)


def _wrong(problem: Problem) -> Check:
    said = f"found {problem.found}; expected {problem.expected}"
    return Check("configuration", problem.path, State.MISSING, said)


def _paused(environ: Mapping[str, str]) -> Iterator[Check]:
    off = [said for name, said in _SWITCHES.items() if environ.get(name, "").lower() == "true"]
    if off:
        mend = ("azd env set PURGE_PAUSED false, then azd provision",)
        yield Check("configuration", "paused", State.NOTE, " and ".join(off), mend)


async def _examined(case: _Case, repositories: Sequence[str]) -> list[Check]:
    checks = list(_policy_checks(case.policy))
    for host in case.hosts:
        checks += await _registry(case, host, repositories)
    if case.is_app:
        checks += await _storage(case.settings, case.hosts)
    return checks


def _policy_checks(policy: Policy | None) -> Iterator[Check]:
    if policy is None:
        said = "none is named, so what it would need is not known (--policy, PURGE_POLICY)"
        yield Check("configuration", "policy", State.NOTE, said)
    elif policy.is_empty:
        said = "right, and deletes nothing: no rules and no `untagged`"
        yield Check("configuration", "policy", State.NOTE, said)
    else:
        yield _fine("policy", f"right: {count(len(policy.rules), 'rule')}")


async def _registry(case: _Case, host: str, repositories: Sequence[str]) -> list[Check]:
    credential = credential_for(host, case.settings.trusted_hosts, path="--registry")
    choose = partial(_chosen, case.policy, repositories)
    sight = await look_at_registry(host, credential, choose)
    checks = list(registry_checks(sight, case.need, case.policy))
    if case.policy is not None and case.policy.in_use:
        checks.append(await _in_use(case, case.policy, host))
    return checks


def _chosen(
    policy: Policy | None, repositories: Sequence[str], names: Sequence[str]
) -> Sequence[str]:
    """Choose the repositories about which rights are asked: those that are to be purged."""
    if repositories:
        return repositories
    covered = [name for name in names if policy is None or policy.covers(RepositoryName(name))]
    return (covered or list(names))[:_MOST_REPOSITORIES]


async def _in_use(case: _Case, policy: Policy, host: str) -> Check:
    try:
        used = await read_used_images(policy.in_use, host, current_instant(), case.root)
    except UseUnknown as error:
        return Check(host, "images in use", State.MISSING, str(error))
    return Check(host, "images in use", State.OK, f"{count(used.here, 'reference')} to this one")


async def _storage(settings: Settings, hosts: Sequence[str]) -> list[Check]:
    from purge_core.adapters.storage_probe import look_at_queues, look_at_tables

    checks: list[Check] = []
    if settings.queues is not None:
        account, sights = await look_at_queues(settings.queues)
        checks += storage_checks(account, QUEUES, sights)
    if settings.journal is not None:
        account, sights = await look_at_tables(settings.journal)
        tables = list(storage_checks(account, TABLES, sights))
        checks += tables
        if all_well(tables):
            checks += await _last_nights(settings, settings.journal, account, hosts)
    return checks


async def _last_nights(
    settings: Settings, journal: JournalAddress, account: str, hosts: Sequence[str]
) -> list[Check]:
    """Look at the last night of each registry: one may be missing where another was."""
    try:
        async with open_store(journal) as store:
            nights = [(await store.list_runs(host, limit=100)).items for host in hosts]
    except JournalError as error:
        return [Check(account, "last night", State.MISSING, str(error))]
    now = current_instant()
    checks = [run_check(account, runs, settings.schedule, now) for runs in nights]
    if len(hosts) == 1:
        return checks
    pairs = zip(hosts, checks, strict=True)
    return [replace(check, said=f"{host}: {check.said}") for host, check in pairs]
