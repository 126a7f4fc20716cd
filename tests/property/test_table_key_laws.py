"""Laws of the tables' keys: legal, bounded, told apart, and in the order that is read."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from purge_core.adapters.tables.keys import (
    between,
    encode,
    history_partition,
    history_rows,
    invert_time,
    item_prefix,
    repository_key,
    run_key,
    run_row,
    steps_partition,
    verdict_row,
    within,
)
from purge_core.instants import Instant, parse_instant
from purge_core.model import Digest, RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.run_ids import make_run_id
from purge_core.records.step_records import HistoryRecord, ItemKind
from purge_core.records.store_records import Trigger

FORBIDDEN = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
MOST = 512
"""Characters: 1 KiB of UTF-16, which is where the service (and Azurite) refuses a key."""

FIRST, LAST = parse_instant("0001-01-01T00:00:00Z"), parse_instant("9999-12-31T23:59:59.9999999Z")
instants = st.integers(FIRST, LAST).map(Instant)
moments = st.integers(parse_instant("1970-01-01T00:00:00Z"), LAST).map(Instant)
hostile = st.text(
    st.one_of(st.sampled_from("/\\#?|~,.'%+ \x00\x1f\x7fü日🚢\ud800"), st.characters()),
    max_size=600,
)
usual = st.text("abc019._-/", min_size=1, max_size=40)
names = st.one_of(hostile, usual).map(RepositoryName)
run_ids = st.one_of(hostile, usual).map(RunId)


def decode(part: str) -> str:
    """Read a part of a key back; the code has no need to, as names stand in columns."""
    data = bytearray()
    for escaped, slash, plain in re.findall(r"~([0-9a-f]{2})|(\|)|(.)", part):
        data += bytes.fromhex(escaped) if escaped else (b"/" if slash else plain.encode())
    return data.decode("utf-8", "surrogatepass")


@given(hostile)
def test_a_part_can_be_read_back(name: str) -> None:
    """Nothing is lost, unless a hash takes the place of what is too long."""
    part = encode(name)
    assert "~~" in part or decode(part) == name


@given(hostile, hostile)
def test_parts_are_told_apart(one: str, other: str) -> None:
    """Different names never have the same part."""
    assert (encode(one) == encode(other)) == (one == other)


@given(st.integers(250, 350), st.sampled_from("a/~"), st.sampled_from("a/~"))
def test_long_parts_are_told_apart(length: int, character: str, end: str) -> None:
    """Also those that differ only where they are cut."""
    one, other = character * length + end, character * length + "b"
    assert encode(one) != encode(other)


@given(usual)
def test_usual_names_can_be_read(name: str) -> None:
    """A name of a repository is itself in a key, with bars for slashes."""
    assert encode(name) == name.replace("/", "|") or len(name) > 300


@given(run_ids, names, names, st.integers(0, 10**7), moments)
def test_keys_are_legal(
    run: RunId, name: RepositoryName, registry: str, number: int, at: Instant
) -> None:
    """Whatever the names are, no key is too long or holds what none may hold."""
    entry = entry_of(run, name, at, number)
    keys = [
        *run_key(registry, run),
        *repository_key(run, name),
        steps_partition(run, name),
        history_partition(registry, name),
        verdict_row(9999, "step", number, 9999),
        *history_rows(entry, number % 10**6),
    ]
    for key in keys:
        assert len(key) <= MOST
        assert key.isascii()
        assert not FORBIDDEN.search(key)


def entry_of(run: RunId, name: str, at: Instant, step: int = 0) -> HistoryRecord:
    """Return an entry of history about a tag."""
    return HistoryRecord(
        registry="r",
        repository=RepositoryName("n"),
        kind=ItemKind.TAG,
        name=name,
        digest=Digest("sha256:" + "0" * 64),
        outcome=Outcome.DELETED,
        detail="",
        at=at,
        run=run,
        step=step,
        trigger=Trigger.CLI,
        policy_name="",
        rules=(),
        reasons=(),
        bytes=0,
    )


@given(hostile, hostile, hostile, hostile)
def test_joined_parts_are_told_apart(a: str, b: str, c: str, d: str) -> None:
    """No name reaches over into the part beside it."""
    one = steps_partition(RunId(a), RepositoryName(b))
    other = steps_partition(RunId(c), RepositoryName(d))
    assert (one == other) == ((a, b) == (c, d))


@given(instants, instants)
def test_later_sorts_first(one: Instant, other: Instant) -> None:
    """The order of the keys is the order of time, backwards, over all years there are."""
    assert (invert_time(one) < invert_time(other)) == (one > other)
    assert len(invert_time(one)) == len(invert_time(other))


@given(moments, moments, usual, usual)
def test_newer_runs_sort_first(one: Instant, other: Instant, registry: str, salt: str) -> None:
    """Ids sort by time, and their rows backwards; to the millisecond."""
    ids = make_run_id(one, registry, salt), make_run_id(other, "other", salt)
    if one // 10_000 != other // 10_000:
        assert (ids[0] < ids[1]) == (one < other)
        assert (run_row(ids[0]) < run_row(ids[1])) == (one > other)


@given(run_ids, run_ids)
def test_rows_of_runs_are_told_apart(one: RunId, other: RunId) -> None:
    """Inverted digits are still the digits of one id only."""
    assert (run_row(one) == run_row(other)) == (one == other)


@given(moments, usual, usual)
def test_run_ids_follow_from_what_they_are_made_of(
    moment: Instant, registry: str, salt: str
) -> None:
    """The same start has the same id; another registry or salt has another."""
    run = make_run_id(moment, registry, salt)
    assert run == make_run_id(moment, registry, salt)
    assert run != make_run_id(moment, registry + "x", salt)
    assert run != make_run_id(moment, registry, salt + "x")
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{10}", run)


@given(st.lists(st.integers(0, 10**7), min_size=2, unique=True), st.integers(1, 50))
def test_steps_sort_by_index(indexes: list[int], attempt: int) -> None:
    """The rows of a plan are in its order, and what goes on stands right behind."""
    rows = [verdict_row(attempt, "step", index) for index in sorted(indexes)]
    assert rows == sorted(rows)
    for row, following in pairwise(rows):
        index = int(row.rsplit(",", 1)[1])
        assert row < verdict_row(attempt, "step", index, 1) < following


@given(hostile, hostile, moments)
def test_an_item_finds_itself_only(name: str, other: str, at: Instant) -> None:
    """What begins like an item's history belongs to that item."""
    _, row = history_rows(entry_of(RunId("run"), other, at), 0)
    assert row.startswith(item_prefix(ItemKind.TAG, name)) == (name == other)


@given(hostile, st.sampled_from(["", "at,", "tag,v1,"]), hostile)
def test_a_filter_says_what_was_meant(partition: str, prefix: str, after: str) -> None:
    """Quotes in a value never end it."""
    for text in (within(partition, prefix, after), between(partition, "a", after or "b")):
        bare = re.sub(r"'(?:[^']|'')*'", "X", text)
        assert "'" not in bare
        assert bare.split(" and ")[0] == "PartitionKey eq X"
