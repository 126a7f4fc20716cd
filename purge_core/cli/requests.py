"""From options to what is asked of the engine: which registry, which repositories, how."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from purge_core.bootstrap import current_instant, login_server, new_run
from purge_core.cli.recording import Recording
from purge_core.errors import InputError, Problem
from purge_core.model import RepositoryName
from purge_core.planning import RunOrder
from purge_core.policies.policy import Policy
from purge_core.policies.source import PolicySource
from purge_core.records.journal import Mode
from purge_core.registry_names import may_name_repository
from purge_core.settings import Settings
from purge_core.wording import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that a run needs. ``source`` says where the registry's name was found.

    ``recording`` says where it is recorded; ``None``: nowhere. ``exact_bytes``: whether it
    is counted blob by blob what is freed.
    """

    settings: Settings
    order: RunOrder
    source: str
    repository_page_size: int | None = None
    recording: Recording | None = None
    exact_bytes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a command line says about a run; ``None``: nothing."""

    policy: Policy
    registry: str | None
    mode: Mode
    repositories: tuple[str, ...] = ()
    concurrency: int | None = None
    repository_page_size: int | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was given, with all problems of the environment, the policy and the registry."""

    settings: Settings
    source: PolicySource

    @classmethod
    def read(cls, registry: str | None, find: Callable[[Settings], PolicySource]) -> "Inputs":
        """Read the environment, and find the policy with it.

        Raises:
            InputError: with every problem of all three.

        """
        problems: list[Problem] = []
        settings, source = Settings(), PolicySource(Policy())
        with _noting(problems):
            settings = environment()
        with _noting(problems):
            source = find(settings)
        with _noting(problems):
            login_server(registry or "unnamed", path="--registry")
        if problems:
            raise InputError(problems)
        return cls(settings, source)


@contextmanager
def _noting(problems: list[Problem]) -> Iterator[None]:
    """Collect the problems of one input, so that those of the next are found as well."""
    try:
        yield
    except InputError as error:
        problems += error.problems


def environment() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: with all problems.

    """
    return Settings.from_environ(os.environ)


def make_request(wishes: Wishes, settings: Settings) -> Request:
    """Complete what the command line says with the settings and the policy.

    Raises:
        InputError: no registry is named, or one that the policy is not for.

    """
    name, source = _registry(wishes, settings)
    host = login_server(name, path=source)
    _require_member(host, source, wishes.policy)
    now = current_instant()
    order = RunOrder(
        new_run(now, host),
        host,
        wishes.policy,
        now,
        wishes.mode,
        _repositories(wishes),
        wishes.concurrency or settings.concurrency,
    )
    return Request(
        settings=settings,
        order=order,
        source=source,
        repository_page_size=wishes.repository_page_size,
    )


def _repositories(wishes: Wishes) -> tuple[RepositoryName, ...] | None:
    """Give the repositories that are named. Raises InputError for what can be none."""
    wanted = "the name of a repository, such as shop/cart"
    odd = [name for name in wishes.repositories if not may_name_repository(name)]
    if odd:
        raise InputError(Problem("--repository", shown(name), wanted) for name in odd)
    return tuple(map(RepositoryName, wishes.repositories)) or None


def _registry(wishes: Wishes, settings: Settings) -> tuple[str, str]:
    """Find the registry's name, and say where."""
    if wishes.registry is not None:
        return wishes.registry, "--registry"
    if len(wishes.policy.registries) == 1:
        return wishes.policy.registries[0], "the policy's registry"
    if settings.registry is not None:
        return settings.registry, "ACR_DEFAULT_REGISTRY"
    wanted = "a registry, such as --registry contoso (or ACR_DEFAULT_REGISTRY)"
    raise InputError([Problem("--registry", "nothing", wanted)])


def _require_member(host: str, source: str, policy: Policy) -> None:
    """Refuse a registry that the policy does not name, where it names any."""
    named = [login_server(name, path="registries") for name in policy.registries]
    if named and host not in named:
        wanted = f"a registry that the policy is for: {', '.join(named)}"
        raise InputError([Problem(source, shown(host), wanted)])
