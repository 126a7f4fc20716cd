"""Why a run is held, as columns of its row, and back."""

from collections.abc import Mapping
from typing import Any, assert_never

from purge_core.adapters.tables.rows import Row, int64, read_int
from purge_core.judgement.breaker import FarMoreThanUsual
from purge_core.judgement.guards import TooManyDeletions
from purge_core.records.store_records import Held


def put_held(row: Row, held: Held | None) -> None:
    """Write the columns; none where the run is not held."""
    match held:
        case None:
            return
        case TooManyDeletions(deletions, limit):
            columns = {"deletions": deletions, "limit": limit}
        case FarMoreThanUsual(deletions, limit, most, nights):
            columns = {"deletions": deletions, "limit": limit, "most": most, "nights": nights}
        case _:
            assert_never(held)
    row.update({f"held_{name}": int64(number) for name, number in columns.items()})


def read_held(row: Mapping[str, Any]) -> Held | None:
    """Read the columns; ``most`` and ``nights`` tell the two kinds apart."""
    deletions, limit = read_int(row, "held_deletions"), read_int(row, "held_limit")
    most, nights = read_int(row, "held_most"), read_int(row, "held_nights")
    if deletions is None or limit is None:
        return None
    if most is None or nights is None:
        return TooManyDeletions(deletions, limit)
    return FarMoreThanUsual(deletions, limit, most, nights)
