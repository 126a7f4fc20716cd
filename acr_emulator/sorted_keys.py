"""Keys in order, for listings of a registry that changes while it is being listed."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

K = TypeVar("K", str, tuple[int, str])


class SortedKeys(Generic[K]):
    """Keys in ascending order, built from `keys`.

    Additions are kept aside until the next reading. Removed keys stay until they are the half of
    all: `alive` tells which keys count, so removing one of a million costs nothing.
    """

    def __init__(self, keys: Iterable[K], alive: Callable[[K], bool]) -> None:
        self._keys: list[Any] = sorted(keys)
        self._added: list[K] = []
        self._removed = 0
        self._alive: Callable[[K], bool] = alive

    def add(self, key: K) -> None:
        """Take in a key; one that is there already does no harm."""
        self._added.append(key)

    def removed(self) -> None:
        """Note that one of the keys is no longer alive."""
        self._removed += 1

    def ascending(self, after: K | None) -> Iterator[K]:
        """The living keys greater than `after` (all for None), smallest first."""
        self._settle()
        start = 0 if after is None else bisect_right(self._keys, after)
        return self._living(range(start, len(self._keys)))

    def descending(self, before: K | None) -> Iterator[K]:
        """The living keys smaller than `before` (all for None), greatest first."""
        self._settle()
        end = len(self._keys) if before is None else bisect_left(self._keys, before)
        return self._living(range(end - 1, -1, -1))

    def _living(self, positions: range) -> Iterator[K]:
        previous = None
        for position in positions:
            key = self._keys[position]
            if key != previous and self._alive(key):
                yield key
            previous = key

    def _settle(self) -> None:
        if self._removed * 2 > len(self._keys):
            self._keys = [key for key in self._keys if self._alive(key)]
            self._removed = 0
        if self._added:
            self._keys += self._added
            self._keys.sort()  # two runs: linear
            self._added = []
