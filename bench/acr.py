"""`acr purge`: by its own arithmetic, and its binary where the environment names one (`ACR_BIN`).

Where it names none, a program of the bench sends the same requests (`bench.replay`).

The arithmetic was measured with the binary (v0.18.1) on a registry that counted. For R repositories
it sends ceil(R/100)+1 catalogue pages. In each, for N tags of which D go and M manifests of which U
go: ceil(N/100) tag pages, D tag deletions, ceil(M/100)+1 manifest pages (the last is empty), a GET
of every OCI manifest that is untagged and old, and of every index that stays, and U deletions. It
goes through the repositories one after the other.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from acr_emulator.process import Served
from bench.client import Used, measured

VARIABLE: Final = "ACR_BIN"
_PAGE: Final = 100
_USER: Final = ("-u", "admin", "-p", "development")
"""The development registry's own; they open nothing else."""


def binary() -> str | None:
    """Give the path of the program, where the environment names one."""
    return os.environ.get(VARIABLE) or None


def run_rival(served: Served, flags: Sequence[str], concurrency: int) -> Used:
    """Run `acr purge` on the registry, or what stands for it. It may fail: see ``code``."""
    path = binary()
    program = [sys.executable, "-m", "bench.replay"] if path is None else [path]
    host = served.login_server
    width = ("--concurrency", str(concurrency))
    environment = {**os.environ, "SSL_CERT_FILE": served.ca_file}
    used, _ = measured(served, [*program, "purge", "-r", host, *_USER, *width, *flags], environment)
    return used


@dataclass(frozen=True, slots=True)
class Repository:
    """What `acr purge` meets in one repository, and what of it goes.

    ``read`` are the manifests that it reads: untagged and old ones, and indexes that stay.
    """

    tags: int
    tags_going: int
    manifests: int
    going: int
    read: int


@dataclass(frozen=True, slots=True)
class Purge:
    """So many ``repositories`` that are all alike. ``by_tag``: tags are purged first."""

    repositories: int
    each: Repository
    by_tag: bool = True

    @property
    def deletes(self) -> int:
        """The DELETE requests."""
        tags = self.each.tags_going if self.by_tag else 0
        return self.repositories * (tags + self.each.going)

    @property
    def requests(self) -> int:
        """All requests, sign-in left out."""
        each = self.each
        pages = ceil(each.manifests / _PAGE) + 1
        if self.by_tag:
            pages += max(1, ceil(each.tags / _PAGE))
        reads = self.repositories * (pages + each.read)
        return ceil(self.repositories / _PAGE) + 1 + reads + self.deletes
