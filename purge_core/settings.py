"""Configuration: read from the environment once, checked as a whole, given on as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.costs import LISTED, Price, parse_price
from purge_core.durations import parse_duration
from purge_core.errors import SettingsError
from purge_core.instants import Span
from purge_core.journal_address import JournalAddress
from purge_core.judgement.breaker import USUAL, Breaker
from purge_core.notices.webhook import Webhook, parse_events, parse_webhook
from purge_core.pace.quotas import Sku
from purge_core.records.journal import Mode
from purge_core.schedule import Schedule, parse_schedule
from purge_core.settings_reading import Reading
from purge_core.storage_address import (
    ACCOUNT,
    QUEUES,
    STORAGE,
    TABLES,
    QueueAddress,
    read_addresses,
)

JOURNAL: Final = "PURGE_JOURNAL"
MAX_CONCURRENCY: Final = 64
DEFAULT_CONCURRENCY: Final = 16
MAX_WORKERS: Final = 32
MAX_FACTOR: Final = 1_000_000
MAX_FLOOR: Final = 999_999_999
DEFAULT_SCHEDULE: Final = parse_schedule("0 0 1 * * *")
"""Every night at one o'clock UTC."""
DEFAULT_TIME_BUDGET: Final = parse_duration("20m")
"""Leaves ten minutes of the 30 that host.json gives a function: for what is under way."""
DEFAULT_RETENTION: Final = parse_duration("400d")
DEFAULT_PLAN_MAX_AGE: Final = parse_duration("24h")
NOBODY: Final = Webhook()
DEFAULT_RESERVE: Final = 0.2
"""A fifth of the reads is left to those who pull."""
CACHE_OFF: Final = "off"
"""Stands for no file: the command line remembers no manifests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. ``None``: nothing.

    ``registry`` is used by the command line where none is named; ``registries`` are those
    of the app. ``trusted_hosts`` may receive an Azure token besides Azure's own registry
    domains; ``policy`` is a path, a document or an ``acr purge`` line, used where none is
    given; ``concurrency`` bounds the requests that are under way at once.

    ``time_budget`` is what one message may take; ``workers_per_registry`` is how many
    messages may work on one registry at once. ``sku`` is the registry's tier, and
    ``quota_reserve`` the part of its reads, from 0 to 1, that is left to others. ``queues``
    and ``journal`` say where the app keeps its work and its records; records are removed
    after ``retention``, and a stored plan may be carried out for ``plan_max_age``.
    ``manifest_cache`` is the file in which the command line remembers manifests, or
    ``CACHE_OFF``; the app remembers them in a table. ``breaker`` says when a nightly run is
    held for deleting far more than the nights before. ``exact_bytes``: whether the command
    line counts what is freed blob by blob. ``storage_price`` is that of a GiB for a day.
    ``verify``: whether a purge ends with a look at what stays.
    ``webhook`` is told of the runs that somebody should know of.
    """

    registry: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    policy: str | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    registries: tuple[str, ...] = ()
    schedule: Schedule = DEFAULT_SCHEDULE
    mode: Mode = Mode.PLAN
    time_budget: Span = DEFAULT_TIME_BUDGET
    workers_per_registry: int = 1
    sku: Sku = Sku.AUTO
    quota_reserve: float = DEFAULT_RESERVE
    queues: QueueAddress | None = None
    journal: JournalAddress | None = None
    retention: Span = DEFAULT_RETENTION
    plan_max_age: Span = DEFAULT_PLAN_MAX_AGE
    manifest_cache: str | None = None
    breaker: Breaker = USUAL
    exact_bytes: bool = False
    storage_price: Price = LISTED
    verify: bool = False
    webhook: Webhook = NOBODY

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables; an empty one counts as not set.

        Raises:
            SettingsError: with all problems at once.

        """
        return _read(Reading(environ))

    @classmethod
    def of_app(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables, and require those that the app cannot do without.

        Raises:
            SettingsError: with all problems at once.

        """
        reading = Reading(environ)
        reading.need("PURGE_REGISTRIES")
        reading.need(STORAGE, ACCOUNT, QUEUES)
        if reading.text(QUEUES):
            reading.need(JOURNAL, STORAGE, ACCOUNT, TABLES)
        return _read(reading)


def _read(reading: Reading) -> Settings:
    queues, journal = read_addresses(reading, JOURNAL)
    settings = Settings(
        registry=reading.registry("ACR_DEFAULT_REGISTRY"),
        trusted_hosts=reading.registries("PURGE_TRUSTED_HOSTS"),
        policy=reading.text("PURGE_POLICY"),
        concurrency=reading.number("PURGE_CONCURRENCY", DEFAULT_CONCURRENCY, MAX_CONCURRENCY),
        registries=_once(reading.registries("PURGE_REGISTRIES")),
        schedule=reading.parsed("PURGE_SCHEDULE", parse_schedule, DEFAULT_SCHEDULE),
        mode=reading.choice("PURGE_MODE", Mode.PLAN),
        time_budget=reading.duration("PURGE_TIME_BUDGET", DEFAULT_TIME_BUDGET),
        workers_per_registry=reading.number("PURGE_WORKERS_PER_REGISTRY", 1, MAX_WORKERS),
        sku=reading.choice("PURGE_SKU", Sku.AUTO),
        quota_reserve=reading.percentage("PURGE_QUOTA_RESERVE", DEFAULT_RESERVE, 90),
        queues=queues,
        journal=journal,
        retention=reading.duration("PURGE_RETENTION", DEFAULT_RETENTION),
        plan_max_age=reading.duration("PURGE_PLAN_MAX_AGE", DEFAULT_PLAN_MAX_AGE),
        manifest_cache=reading.text("PURGE_MANIFEST_CACHE"),
        storage_price=reading.parsed("PURGE_STORAGE_PRICE", parse_price, LISTED),
        exact_bytes=reading.switch("PURGE_EXACT_BYTES"),
        verify=reading.switch("PURGE_VERIFY"),
        breaker=Breaker(
            reading.number("PURGE_BREAKER_FACTOR", USUAL.factor, MAX_FACTOR),
            reading.number("PURGE_BREAKER_FLOOR", USUAL.floor, MAX_FLOOR),
        ),
        webhook=_webhook(reading),
    )
    if reading.problems:
        raise SettingsError(reading.problems)
    return settings


def _webhook(reading: Reading) -> Webhook:
    return Webhook(
        reading.secret("PURGE_WEBHOOK_URL", parse_webhook),
        reading.choice("PURGE_WEBHOOK_FORMAT", NOBODY.format),
        reading.parsed("PURGE_WEBHOOK_EVENTS", parse_events, NOBODY.events),
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
