"""Keys in order while they change."""

from hypothesis import given
from hypothesis import strategies as st

from acr_emulator.sorted_keys import SortedKeys

KEYS = st.sampled_from([f"k{number:02}" for number in range(20)])
CHANGES = st.lists(st.tuples(st.booleans(), KEYS, st.booleans()), max_size=60)


@given(st.sets(KEYS), CHANGES, KEYS)
def test_it_always_tells_the_living_keys_in_order(
    start: set[str], changes: list[tuple[bool, str, bool]], after: str
) -> None:
    """Whatever comes, goes and comes again, a reading is the sorted set behind the position."""
    alive = set(start)
    keys = SortedKeys(alive, alive.__contains__)
    for adds, key, reads in changes:
        if adds and key not in alive:
            alive.add(key)
            keys.add(key)
        elif not adds and key in alive:
            alive.remove(key)
            keys.removed()
        if reads:
            assert list(keys.ascending(after)) == sorted(k for k in alive if k > after)
    assert list(keys.ascending(None)) == sorted(alive)
    assert list(keys.descending(None)) == sorted(alive, reverse=True)
    assert list(keys.descending(after)) == sorted((k for k in alive if k < after), reverse=True)
