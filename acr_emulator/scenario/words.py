"""The small words of a scenario: ages, times, sizes, locks, platforms."""

import json
import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from acr_emulator.attributes import Attributes, attributes
from acr_emulator.media import Platform
from acr_emulator.times import parse_age, parse_time

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|KiB|MiB|GiB)?", re.ASCII)
_UNITS: Final = {
    "B": 1,
    "kB": 1_000,
    "MB": 1_000_000,
    "GB": 1_000_000_000,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}
_LOCKS: Final = ("delete", "write", "read", "list")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {value!r}")  # noqa: TRY004  what pydantic reports
    return value


def read_age(value: object) -> int:
    """An age such as `3d`, in ticks."""
    return parse_age(_text(value))


def read_time(value: object) -> int:
    """A time such as `2026-01-15T12:00:00Z`, in ticks."""
    return parse_time(_text(value))


def read_size(value: object) -> int:
    """A size such as `10MiB` or `512`, in bytes."""
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise ValueError(f"not a size such as 10MiB: {value!r}")
    return round(float(match[1]) * _UNITS[match[2] or "B"])


def read_lock(value: object) -> Attributes:
    """What is switched off: one of delete, write, read, list, or a list of them, or `all`."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list):
        raise ValueError(f"not a lock: {value!r}")  # noqa: TRY004  what pydantic reports
    unknown = [word for word in words if word not in (*_LOCKS, "all")]
    if unknown:
        raise ValueError(f"not a lock: {unknown[0]!r}; one of {', '.join(_LOCKS)}, all")
    return attributes(**{name: not ({name, "all"} & set(words)) for name in _LOCKS})


def read_platform(value: object) -> Platform:
    """A platform such as `linux/arm64` or `linux/arm/v7`."""
    parts = _text(value).split("/")
    if len(parts) not in {2, 3} or not all(parts):
        raise ValueError(f"not a platform such as linux/amd64: {value!r}")
    return Platform(os=parts[0], architecture=parts[1], variant=(*parts, None)[2])


def read_json(value: object) -> object:
    """A JSON value; text that is no JSON is that text."""
    if not isinstance(value, str):
        return value
    try:
        document: object = json.loads(value)
    except ValueError:
        return value
    return document


def read_layer(value: object) -> object:
    """A layer: a size, or a mapping of size and shared."""
    return value if isinstance(value, dict) else {"size": value}


def read_tag(value: object) -> object:
    """A tag: a name, or a mapping."""
    return {"name": value} if isinstance(value, str) else value


Age = Annotated[int, BeforeValidator(read_age)]
Time = Annotated[int, BeforeValidator(read_time)]
Size = Annotated[int, BeforeValidator(read_size)]
Lock = Annotated[Attributes, BeforeValidator(read_lock)]
JsonValue = Annotated[object, BeforeValidator(read_json)]
PlatformWord = Annotated[Platform, BeforeValidator(read_platform)]
