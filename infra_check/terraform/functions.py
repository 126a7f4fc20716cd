"""Terraform's functions, as far as they are used."""

import hashlib
import itertools
from collections.abc import Callable, Mapping
from typing import cast

from infra_check.evaluate import Function
from infra_check.functions import concat, join, length, merge, stable_uuid
from infra_check.functions import subnet as network
from infra_check.values import Value


def to_set(values: list[Value]) -> list[Value]:
    """Give each value once, in order."""
    return sorted(set(values), key=str)


def values_of(value: Mapping[str, Value]) -> list[Value]:
    """Give the values of a map, by its keys in order."""
    return [value[key] for key in sorted(value)]


def less(values: list[Value], others: list[Value]) -> list[Value]:
    """Give what is in the first set, and not in the second one."""
    return [value for value in to_set(values) if value not in others]


def subnet(addresses: str, bits: int, number: int) -> str:
    """Give one of the networks that a network is divided into by so many more bits."""
    return network(addresses, int(addresses.split("/")[1]) + bits, number)


def cut(values: list[Value], start: int, end: int) -> list[Value]:
    """Give a part of a list."""
    return list(itertools.islice(values, start, end))


TERRAFORM: Mapping[str, Function] = {
    "basename": lambda path: path.rsplit("/", 1)[-1],
    "cidrsubnet": subnet,
    "concat": concat,
    "contains": lambda values, value: value in values,
    "join": join,
    "keys": sorted,
    "length": length,
    "lower": str.lower,
    "merge": merge,
    "setsubtract": less,
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "slice": cut,
    "split": lambda separator, text: cast("Callable[[str, str], list[str]]", str.split)(
        text, separator
    ),
    "substr": lambda text, start, count: text[start : start + count],
    "tonumber": int,
    "toset": to_set,
    "uuidv5": stable_uuid,
    "values": values_of,
}
