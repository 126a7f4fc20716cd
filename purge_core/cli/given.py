"""What each command was given: all of its options, as one value, unjudged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

JOURNAL_OPTION: Final = "--journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeOptions:
    """All options of ``purge``."""

    registry: str | None
    filters: tuple[str, ...]
    ago: str | None
    keep: str | None
    untagged: bool
    untagged_only: bool
    include_locked: bool
    dry_run: bool
    filter_timeout_seconds: str | None
    concurrency: str | None
    repository_page_size: str | None
    policy: str | None
    journal: str | None
    exact_bytes: bool
    verify: bool
    manifest_cache: str | None
    output: str
    verbose: bool
    quiet: bool
    username: str | None
    password: str | None
    config: tuple[str, ...]

    def selection(self) -> Iterator[str]:
        """Give what selects, as words of an ``acr purge`` line."""
        yield from (f"--filter={text}" for text in self.filters)
        yield from _valued("--ago", self.ago)
        yield from _valued("--keep", self.keep)
        yield from _valued("--filter-timeout-seconds", self.filter_timeout_seconds)
        for name, given in (
            ("--untagged", self.untagged),
            ("--untagged-only", self.untagged_only),
            ("--include-locked", self.include_locked),
        ):
            if given:
                yield name

    def manner(self) -> Iterator[str]:
        """Give how it is to be done, as words of an ``acr purge`` line."""
        yield from _valued("--concurrency", self.concurrency)
        yield from _valued("--repository-page-size", self.repository_page_size)
        yield from _valued("--username", self.username)
        yield from _valued("--password", self.password)
        yield from (f"--config={text}" for text in self.config)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """All options of ``plan``."""

    registry: str | None
    policy: str | None
    repositories: tuple[str, ...]
    at: str | None
    out: str | None
    journal: str | None
    exact_bytes: bool
    manifest_cache: str | None
    concurrency: int | None
    output: str
    verbose: bool
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastOptions:
    """All options of ``forecast``."""

    registry: str | None
    policy: str | None
    repositories: tuple[str, ...]
    nights: int
    manifest_cache: str | None
    concurrency: int | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """All options of ``apply``."""

    plan: str
    journal: str | None
    exact_bytes: bool
    verify: bool
    manifest_cache: str | None
    concurrency: int | None
    output: str
    verbose: bool
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    """All options of ``explain``."""

    target: str
    registry: str | None
    policy: str | None
    at: str | None
    manifest_cache: str | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceOptions:
    """All options of ``policy diff``."""

    old: str
    new: str
    registry: str | None
    repositories: tuple[str, ...]
    manifest_cache: str | None
    concurrency: int | None
    output: str
    verbose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOptions:
    """All options of ``runs``."""

    registry: str | None
    limit: int
    after: str | None
    journal: str | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """All options of ``run``."""

    run: str
    repository: str | None
    verbose: bool
    journal: str | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """All options of ``history``."""

    target: str
    registry: str | None
    limit: int
    after: str | None
    journal: str | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """All options of ``report``."""

    registry: str | None
    run: str | None
    repository: str | None
    days: int
    after: str | None
    journal: str | None
    form: str
    out: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageOptions:
    """All options of ``storage``."""

    registry: str | None
    policy: str | None
    manifest_cache: str | None
    concurrency: int | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """All options of ``verify``."""

    registry: str | None
    repositories: tuple[str, ...]
    run: str | None
    journal: str | None
    manifest_cache: str | None
    concurrency: int | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesOptions:
    """All options of ``repositories``."""

    registry: str | None
    policy: str | None
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorOptions:
    """All options of ``doctor``."""

    registries: tuple[str, ...]
    policy: str | None
    repositories: tuple[str, ...]
    settings: str | None
    purpose: str | None
    output: str


def _valued(name: str, value: str | None) -> Iterator[str]:
    if value is not None:
        yield f"{name}={value}"
