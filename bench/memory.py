"""How much memory a purge of a large registry takes: the most that its process ever holds.

Every case is a whole run of the command line, without a memory of manifests: the first night on a
registry that nobody ever cleaned. Takes half an hour.
"""

from dataclasses import dataclass
from typing import Final

from acr_emulator.process import serving
from bench.client import DELETES, purge
from bench.table import print_table


@dataclass(frozen=True, slots=True)
class Case:
    """One registry, one purge, how many deletions it makes, and the MiB that it may take."""

    name: str
    registry: tuple[str, ...]
    flags: tuple[str, ...]
    deletions: int
    limit: int


_MOST: Final = 0.95
"""The share of the deletions that must have been sent: a busy machine may fail some in time."""
_ALL: Final = ("--filter", ".*:.*", "--ago", "7d", "--untagged")
_UNTAGGED: Final = ("--untagged-only", "--ago", "7d")

_MANY: Final = (
    *("--generate", "dangling", "--repositories", "9400"),
    *("--tags", "47000", "--newest", "30d"),
)

CASES: Final = (
    Case(
        "1 repository: 100,000 manifests, 150,000 tags; all go",
        ("--generate", "pairs", "--tags", "150000", "--newest", "30d"),
        _ALL,
        deletions=100_000,
        limit=512,
    ),
    Case(
        "9,400 repositories: 47,000 tags, 47,000 untagged; the untagged go",
        _MANY,
        _UNTAGGED,
        deletions=47_000,
        limit=256,
    ),
    Case(
        "the same, planned: tags would go as well",
        _MANY,
        (*_ALL, "--dry-run"),
        deletions=0,
        limit=256,
    ),
)


def measure() -> None:
    """Run every case and print it; ends with an error when one takes too much."""
    rows, excess = [], []
    for case in CASES:
        with serving(*case.registry) as served:
            used = purge(served, *case.flags)
        deleted = used.count(*DELETES)
        print(f"{case.name}: {used.peak:.0f} MiB", flush=True)
        if used.peak > case.limit or deleted < _MOST * case.deletions:
            excess.append(f"{case.name}: {used.peak:.0f} MiB, {deleted} deletions")
        rows.append(
            (
                case.name,
                f"{used.count():,}",
                f"{deleted:,}",
                f"{used.seconds:.0f} s",
                f"{used.cpu:.0f} s",
                f"{used.peak:.0f} MiB",
                f"{case.limit} MiB",
            )
        )
    heads = ("case", "requests", "deletions", "time", "CPU", "peak", "at most")
    print_table("Memory of a purge", heads, rows)
    if excess:
        raise SystemExit("; ".join(excess))
