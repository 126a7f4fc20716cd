r"""The keys of the tables: made for the questions that people ask, legal for any name.

A key may be 1 KiB of UTF-16 long and must not hold ``/ \ # ?`` or control characters.
Parts are joined with commas, which no encoded part holds.

PurgeRuns          registry | id, digits inverted: the newest first.
                   ``,all`` | the same: which registry a run is of.
PurgeRepositories  run | repository
PurgeSteps         run,repository | attempt,step,index  and  attempt,keep,number;
                   text that one row does not hold goes on in rows with one part more.
PurgeHistory       registry,repository | at,time inverted,run,step,item: the newest first.
                   the same | tag,name,time inverted,run  and  manifest,digest,...
PurgeLeases        registry | slot
PurgeManifests     registry,repository | digest.
                   ``,all`` | registry,repository: when it was last used.
"""

import re
from hashlib import sha256
from typing import Final

from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.step_records import HistoryRecord, ItemKind

RUNS: Final = "PurgeRuns"
REPOSITORIES: Final = "PurgeRepositories"
STEPS: Final = "PurgeSteps"
HISTORY: Final = "PurgeHistory"
LEASES: Final = "PurgeLeases"
MANIFESTS: Final = "PurgeManifests"
TABLES: Final = (RUNS, REPOSITORIES, STEPS, HISTORY, LEASES, MANIFESTS)

Key = tuple[str, str]
"""PartitionKey and RowKey."""

ALL_RUNS: Final = ",all"
"""The partition that knows every run's registry; no encoded name starts with a comma."""

ALL_USED: Final = ",all"
"""The partition that knows all repositories of which manifests are remembered."""

STEP: Final = "step"
KEEP: Final = "keep"
AT: Final = "at"

_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9._:-]")
_LONG: Final = 300
_SHORT: Final = 100
_INVERTED: Final = str.maketrans("0123456789", "9876543210")
_FAR: Final = 3 * 10**18
"""Ticks; further from 1970, either way, than any year from 1 to 9999."""


def encode(text: str, limit: int = _LONG) -> str:
    """Make one part of a key: ``/`` becomes ``|``, anything unusual its bytes in hex.

    What would be longer than ``limit`` is cut and ends in ``~~`` and a hash of the whole.
    """
    part = _UNUSUAL.sub(_escape, text)
    if len(part) <= limit:
        return part
    mark = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{part[: limit - 2 - len(mark)]}~~{mark}"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character == "/":
        return "|"
    return "".join(f"~{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def invert_time(at: Instant) -> str:
    """Write an instant so that the later one sorts first."""
    return f"{_FAR - at:019d}"


def run_row(run: RunId) -> str:
    """Give the RowKey of a run: ids begin with their time, so the newest sorts first."""
    return encode(run.translate(_INVERTED), _SHORT)


def run_key(registry: str, run: RunId) -> Key:
    """Give the key of a run."""
    return encode(registry, _SHORT), run_row(run)


def pointer_key(run: RunId) -> Key:
    """Give the key of the row that knows a run's registry."""
    return ALL_RUNS, run_row(run)


def repository_key(run: RunId, name: RepositoryName) -> Key:
    """Give the key of a repository of a run."""
    return encode(run, _SHORT), encode(name)


def steps_partition(run: RunId, name: RepositoryName) -> str:
    """Give the partition of all steps and verdicts of a repository in a run."""
    return f"{encode(run, _SHORT)},{encode(name)}"


def verdict_row(attempt: int, kind: str, number: int, part: int = 0) -> str:
    """Give the RowKey of a step or of verdicts; ``part`` counts the rows that go on."""
    row = f"{attempt:04d},{kind},{number:08d}"
    return f"{row},{part:04d}" if part else row


def history_partition(registry: str, repository: RepositoryName) -> str:
    """Give the partition of all that ever happened to a repository."""
    return f"{encode(registry, _SHORT)},{encode(repository)}"


def item_prefix(kind: ItemKind, name: str) -> str:
    """Give what the RowKeys of a tag's, or a manifest's, history begin with."""
    return f"{kind.value},{encode(name)},"


def history_rows(entry: HistoryRecord, item: int) -> tuple[str, str]:
    """Give both RowKeys of an entry: by time, and by name.

    ``item`` counts through the tags and manifests of the entry's step.
    """
    run = encode(entry.run, _SHORT)
    at = invert_time(entry.at)
    by_time = f"{AT},{at},{run},{entry.step:08d},{item:06d}"
    return by_time, f"{item_prefix(entry.kind, entry.name)}{at},{run}"


def lease_key(registry: str, slot: int) -> Key:
    """Give the key of one of a registry's slots."""
    return encode(registry, _SHORT), f"{slot:04d}"


def manifests_partition(registry: str, repository: RepositoryName) -> str:
    """Give the partition of what is remembered of a repository's manifests; a row is a digest."""
    return history_partition(registry, repository)


def used_key(registry: str, repository: RepositoryName) -> Key:
    """Give the key of the row that says when a repository's manifests were last used."""
    return ALL_USED, manifests_partition(registry, repository)


def within(partition: str, prefix: str = "", after: str = "") -> str:
    """Give the filter for a partition, for RowKeys that begin with ``prefix``, behind one."""
    parts = [f"PartitionKey eq {quoted(partition)}"]
    if prefix:
        parts.append(f"RowKey ge {quoted(prefix)} and RowKey lt {quoted(_behind(prefix))}")
    if after:
        parts.append(f"RowKey gt {quoted(after)}")
    return " and ".join(parts)


def between(partition: str, first: str, last: str) -> str:
    """Give the filter for the RowKeys from ``first`` to all that begin with ``last``."""
    keys = f"RowKey ge {quoted(first)} and RowKey lt {quoted(_behind(last))}"
    return f"PartitionKey eq {quoted(partition)} and {keys}"


def quoted(text: str) -> str:
    """Write a string in a filter."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _behind(prefix: str) -> str:
    """Give the first text that sorts behind all that begin with ``prefix``."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
