"""A night on which there is nothing to do, after one that has read the manifests.

200 repositories of 50 indexes of two images each, all old and all to be kept. ``acr purge`` reads
every index again, each night: by its own arithmetic (see ``bench.requests``) ceil(200/100)+1 pages
of the catalogue, and in each repository a page of tags, ceil(150/100)+1 pages of manifests, and at
the very least its 50 indexes; it reads up to 100 images more, as it happens.
"""

import tempfile
from pathlib import Path
from typing import Final

from acr_emulator.process import serving
from bench.client import SIGN_IN, purge
from bench.table import print_table

REPOSITORIES: Final = 200
INDEXES: Final = 50
ACR_PURGE: Final = (2 + 1) + REPOSITORIES * (1 + (2 + 1) + INDEXES)
"""Requests that ``acr purge`` sends at least, its sign-in left out."""
LIMIT: Final = 0.1
"""What a warm night may send, sign-in included, as a multiple of that."""

_REGISTRY: Final = (
    *("--generate", "indexes", "--repositories", str(REPOSITORIES)),
    *("--tags", str(REPOSITORIES * INDEXES), "--newest", "30d"),
)
_COMMAND: Final = ("--filter", ".*:none", "--ago", "7d", "--untagged")


def measure() -> None:
    """Run two nights and print them; ends with an error when the second sends too much."""
    with serving(*_REGISTRY) as served, tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "manifests.db"
        nights = [purge(served, *_COMMAND, cache=cache) for _ in range(2)]
    rows = [
        (
            name,
            str(night.count()),
            str(night.count("manifest_get")),
            str(night.count(*SIGN_IN)),
            f"{night.count() / ACR_PURGE:.3f}",
            f"{night.seconds:.0f} s",
            f"{night.cpu:.1f} s",
            f"{night.peak:.0f} MiB",
        )
        for name, night in zip(("the first", "the next"), nights, strict=True)
    ]
    heads = ("night", "requests", "of manifests", "sign-in", "to acr purge", "time", "CPU", "peak")
    print_table(f"Idle nights (the next at most {LIMIT})", heads, rows)
    if nights[1].count() > LIMIT * ACR_PURGE:
        raise SystemExit(f"a warm night sends more than {LIMIT} times what acr purge sends")
