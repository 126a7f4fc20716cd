"""Functions that Bicep and Terraform both have, perhaps under other names."""

import base64
import hashlib
import ipaddress
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from infra_check.evaluate import Function
from infra_check.problems import Fault
from infra_check.values import Unknown, Value, shown


def unique(*parts: Value) -> str:
    """Give 13 letters and digits that follow from the parts."""
    digest = hashlib.sha256("\n".join(map(shown, parts)).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:13]


def stable_uuid(*parts: Value) -> str:
    """Give a UUID that follows from the parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(map(shown, parts))))


def join(separator: str, parts: Iterable[Value]) -> str:
    """Write parts one behind the other."""
    return separator.join(map(shown, parts))


def concat(*lists: list[Value]) -> list[Value]:
    """Put lists one behind the other."""
    return [item for each in lists for item in each]


def merge(*objects: Mapping[str, Value]) -> dict[str, Value]:
    """Put objects together; the last one wins."""
    return {name: value for each in objects for name, value in each.items()}


def is_empty(value: Value) -> bool:
    """Tell whether there is nothing in a string, list or object."""
    return not isinstance(value, Unknown) and not value


def subnet(addresses: str, length: int, number: int) -> str:
    """Give one of the networks that a network is divided into."""
    return str(list(ipaddress.ip_network(addresses).subnets(new_prefix=length))[number])


def pairs(value: Mapping[str, Value]) -> list[Value]:
    """Give the members of an object, sorted by name, each as an object of key and value."""
    return [{"key": key, "value": value[key]} for key in sorted(value)]


def mapped(values: Iterable[Value], function: Function) -> list[Value]:
    """Apply a function to each value."""
    return [function(value) for value in values]


def filtered(values: Iterable[Value], function: Function) -> list[Value]:
    """Keep the values for which a function holds."""
    return [value for value in values if function(value)]


def keyed(values: Iterable[Value], key: Function, value: Function) -> dict[str, Value]:
    """Make an object of a list: two functions give the name and the value of each member."""
    return {shown(key(each)): value(each) for each in values}


def length(value: list[Value] | Mapping[str, Value] | str) -> int:
    """Count."""
    return len(value)


def last(value: list[Value]) -> Value:
    """Give the last one."""
    return value[-1]


def fail(message: str) -> Value:
    """End a deployment.

    Raises:
        Fault: always.

    """
    raise Fault(message)


BICEP: Mapping[str, Function] = {
    "cidrSubnet": subnet,
    "concat": concat,
    "empty": is_empty,
    "fail": fail,
    "filter": filtered,
    "guid": stable_uuid,
    "items": pairs,
    "join": lambda parts, separator: join(separator, parts),
    "last": last,
    "length": length,
    "map": mapped,
    "split": cast("Callable[[str, str], list[str]]", str.split),
    "toLower": str.lower,
    "toObject": keyed,
    "trim": str.strip,
    "union": merge,
    "uniqueString": unique,
}
"""Functions of Bicep that depend on nothing but their arguments."""
