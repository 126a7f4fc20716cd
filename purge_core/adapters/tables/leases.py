"""Leases in table storage: one row per slot. See ``purge_core.records.store.Leases``."""

from dataclasses import replace

from purge_core.adapters.tables.codec import reading
from purge_core.adapters.tables.keys import LEASES, lease_key
from purge_core.adapters.tables.operations import Stored
from purge_core.adapters.tables.rows import Row, int64, moment, read_moment
from purge_core.adapters.tables.service import TablePart
from purge_core.instants import Instant, Span
from purge_core.records.store_records import Lease


class LeaseTables(TablePart):
    """Shares a registry's quota among workers."""

    async def take_lease(
        self, registry: str, holder: str, *, slots: int, ttl: Span, now: Instant
    ) -> Lease | None:
        """Take the holder's own slot, else one that is free or expired."""
        found = [await self._tables.get(LEASES, lease_key(registry, n)) for n in range(slots)]
        mine = [n for n, stored in enumerate(found) if _is_of(stored, holder)]
        free = [n for n, stored in enumerate(found) if _is_free(stored, now)]
        for slot in (*mine, *free):
            held = slots - len({*free} - {slot})
            lease = Lease(registry, slot, holder, Instant(now + ttl), "", slots, held)
            taken = await self._write(lease, found[slot])
            if taken is not None:
                return taken
        return None

    async def renew_lease(self, lease: Lease, *, ttl: Span, now: Instant) -> Lease | None:
        """Prolong a lease; ``None`` when somebody else has it by now."""
        key = lease_key(lease.registry, lease.slot)
        others = [
            await self._tables.get(LEASES, lease_key(lease.registry, slot))
            for slot in range(lease.slots)
            if slot != lease.slot
        ]
        held = 1 + sum(not _is_free(stored, now) for stored in others)
        longer = replace(lease, expires=Instant(now + ttl), held=held)
        etag = await self._tables.replace(LEASES, key, _row(longer), lease.token)
        return None if etag is None else replace(longer, token=etag)

    async def release_lease(self, lease: Lease) -> None:
        """Give a slot back; nothing happens when somebody else has it by now."""
        key = lease_key(lease.registry, lease.slot)
        await self._tables.delete(LEASES, key, lease.token)

    async def _write(self, lease: Lease, known: Stored | None) -> Lease | None:
        key = lease_key(lease.registry, lease.slot)
        if known is None:
            etag = await self._tables.insert(LEASES, key, _row(lease))
        else:
            etag = await self._tables.replace(LEASES, key, _row(lease), known.etag)
        return None if etag is None else replace(lease, token=etag)


def _row(lease: Lease) -> Row:
    return {
        "entry": "lease",
        "registry": lease.registry,
        "slot": int64(lease.slot),
        "holder": lease.holder,
        "expires": moment(lease.expires),
    }


def _is_of(stored: Stored | None, holder: str) -> bool:
    return stored is not None and stored.row.get("holder") == holder


def _is_free(stored: Stored | None, now: Instant) -> bool:
    if stored is None:
        return True
    with reading("a lease"):
        expires = read_moment(stored.row, "expires")
    return expires is None or expires <= now
