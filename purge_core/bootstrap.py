"""The composition root: settings become a connected registry, a clock and names for runs.

What reaches a registry is imported when one is wanted: help and plain errors are quick.
"""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from purge_core.adapters.acr_hosts import registry_host
from purge_core.errors import MemoryLost
from purge_core.instants import Instant
from purge_core.journal_address import JournalAddress
from purge_core.manifest_memory import NO_MEMORY, ManifestMemory
from purge_core.pace.clock import Clock
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import Share, Sku
from purge_core.policies.policy import UsedList
from purge_core.records.journal import RunId
from purge_core.records.run_ids import make_run_id
from purge_core.records.store import RunStore
from purge_core.registry import MeasurableRegistry
from purge_core.settings import CACHE_OFF, Settings
from purge_core.used_images import NOTHING_USED, UsedImages

if TYPE_CHECKING:
    from purge_core.adapters.acr_bearers import Bearers

_LOG: Final = logging.getLogger(__name__)
_TOKENS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, "Bearers"]]] = (
    WeakKeyDictionary()
)


def current_instant() -> Instant:
    """Look at the clock, once per run."""
    return Instant(time.time_ns() // 100)


def new_run(now: Instant, registry: str) -> RunId:
    """Make a name for a run that sorts by time and is nobody else's."""
    return make_run_id(now, registry, secrets.token_hex(8))


def login_server(name: str, *, path: str) -> str:
    """Give the host that a registry name means.

    Raises:
        InputError: it is no name of a registry; the problem stands at ``path``.

    """
    return registry_host(name, path=path)


def pace_of(settings: Settings, host: str) -> Pace:
    """Give the limits of requests to the registry at ``host``: one for the whole process."""
    share = Share(workers=settings.workers_per_registry, reserve=settings.quota_reserve)
    return _pace(host, settings.sku, share)


@cache
def _pace(_host: str, sku: Sku, share: Share) -> Pace:
    return Pace(Clock(time.monotonic, asyncio.sleep, random.random), sku, share)


def _bearers(host: str) -> "Bearers":
    """Give the tokens of the registry at ``host``: a process signs in to it once in their life.

    Who waits for a sign-in waits in an event loop, so each has its own.
    """
    from purge_core.adapters.acr_bearers import Bearers

    known = _TOKENS.setdefault(asyncio.get_running_loop(), {})
    return known.setdefault(host, Bearers())


@asynccontextmanager
async def connect(
    settings: Settings,
    host: str,
    *,
    path: str,
    memory: ManifestMemory = NO_MEMORY,
    repository_page_size: int | None = None,
) -> AsyncIterator[MeasurableRegistry]:
    """Open the registry at ``host``, with the credential that this host may receive.

    ``memory`` knows manifests from earlier runs.

    Raises:
        InputError: it may receive none; the problem stands at ``path``.

    """
    from purge_core.adapters.acr import AcrOptions, open_registry
    from purge_core.adapters.acr_auth import credential_for
    from purge_core.adapters.known_bodies import known_bodies
    from purge_core.adapters.remembering import RememberingRegistry

    options = AcrOptions(connections=settings.concurrency)
    if repository_page_size is not None:
        options = AcrOptions(
            connections=settings.concurrency, repository_page_size=repository_page_size
        )
    credential = credential_for(host, settings.trusted_hosts, path=path)
    async with (
        known_bodies(host, memory, current_instant) as bodies,
        open_registry(
            host, credential, options, pace_of(settings, host), _bearers(host)
        ) as registry,
    ):
        yield RememberingRegistry(registry, bodies)


@asynccontextmanager
async def open_manifest_cache(settings: Settings) -> AsyncIterator[ManifestMemory]:
    """Open the file in which the command line remembers manifests, unless it is off.

    One that cannot be used is told of in a warning, and done without.
    """
    if settings.manifest_cache == CACHE_OFF:
        yield NO_MEMORY
        return
    from purge_core.adapters.manifest_file import open_manifest_file

    async with AsyncExitStack() as stack:
        memory: ManifestMemory = NO_MEMORY
        try:
            file = await stack.enter_async_context(open_manifest_file(_cache_path(settings)))
            await file.forget(Instant(current_instant() - settings.retention))
            memory = file
        except MemoryLost as error:
            _LOG.warning("%s; manifests are read instead", error)
        yield memory


def _cache_path(settings: Settings) -> Path:
    if settings.manifest_cache is not None:
        return Path(settings.manifest_cache)
    from platformdirs import user_cache_path

    return user_cache_path("acr-purge", appauthor=False) / "manifests.db"


async def read_used_images(
    lists: Sequence[UsedList], host: str, now: Instant, folder: Path = Path()
) -> UsedImages:
    """Read which images of the registry at ``host`` something runs.

    Raises:
        UseUnknown: a list cannot be relied on, so nothing may be deleted.

    """
    if not lists:
        return NOTHING_USED
    from purge_core.adapters.used_lists import read_used_images as read

    return await read(lists, host, now, folder=folder)


@asynccontextmanager
async def open_store(address: JournalAddress) -> AsyncIterator[RunStore]:
    """Open the records of runs at ``address``.

    Raises:
        JournalError: the address cannot be used.

    """
    from purge_core.adapters.table_store import open_table_store

    async with open_table_store(address) as store:
        yield store
