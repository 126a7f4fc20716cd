"""``--journal``: runs of the command line recorded where the Function app records its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from purge_core.cli import console
from purge_core.cli.given import JOURNAL_OPTION
from purge_core.errors import InputError, JournalError, Problem, PurgeError
from purge_core.journal_address import EXPECTED, JournalAddress, parse_journal_address
from purge_core.records.journal import Journal, Record
from purge_core.records.store_journal import RunDetails, StoreJournal
from purge_core.settings import Settings


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a run is recorded, and what its records do not say of it."""

    address: JournalAddress
    details: RunDetails


def recording(asked: str | None, settings: Settings, details: RunDetails) -> Recording | None:
    """Give what the option asks for; ``None`` when it was not given.

    Raises:
        InputError: there is no address, or one that cannot be used.

    """
    return None if asked is None else Recording(journal_address(asked, settings), details)


def journal_address(asked: str | None, settings: Settings) -> JournalAddress:
    """Find the address: the option's, else that of the environment.

    Raises:
        InputError: there is none, or one that cannot be used; it is not repeated.

    """
    if asked:
        try:
            return parse_journal_address(asked)
        except ValueError as error:
            raise InputError([Problem(JOURNAL_OPTION, "something else", str(error))]) from None
    if settings.journal is None:
        wanted = f"{EXPECTED}, here or in PURGE_JOURNAL"
        raise InputError([Problem(JOURNAL_OPTION, "nothing", wanted)])
    return settings.journal


class _Both:
    """Records in one journal, then shows in the other."""

    def __init__(self, first: Journal, second: Journal) -> None:
        self._journals = (first, second)

    async def record(self, record: Record) -> None:
        for journal in self._journals:
            await journal.record(record)


@asynccontextmanager
async def recorded(asked: Recording | None, shown: Journal) -> AsyncIterator[Journal]:
    """Give the journal of a run: the store if it is asked for, then what is shown.

    A run that ends with an error, or is interrupted, is noted as failed.
    """
    if asked is None:
        yield shown
        return
    from purge_core.bootstrap import current_instant, open_store

    async with open_store(asked.address) as store:
        journal = StoreJournal(store, asked.details, current_instant)
        try:
            yield _Both(journal, shown)
        except JournalError:
            raise
        except (PurgeError, asyncio.CancelledError) as error:
            await _give_up(journal, str(error) or "interrupted")
            raise


async def _give_up(journal: StoreJournal, why: str) -> None:
    try:
        await journal.give_up(why)
    except JournalError as error:
        console.warn(f"the end of the run is not recorded: {error}")
