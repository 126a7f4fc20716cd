"""Codecs of values with parts: tuples, optional values, dataclasses, unions of these."""

from collections.abc import Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from purge_core.errors import InputError, Problem
from purge_core.policies.patterns import Anchoring, Pattern, compile_pattern
from purge_core.wire.codec import BAD, Bad, Codec, JsonObject, Schemas, bad, within
from purge_core.wire.scalars import SCALARS, enum_codec

Value = TypeVar("Value")


def codec_of(hint: Any) -> Codec:  # noqa: ANN401 - a class, a union or an alias
    """Give the codec of a declared type.

    Raises:
        TypeError: no value of this type is ever written.

    """
    return _codec(hint)


@cache
def _codec(hint: Any) -> Codec:  # noqa: ANN401 - see above
    if hint in SCALARS:
        return SCALARS[hint]
    if get_origin(hint) is tuple:
        return _tuple_codec(codec_of(get_args(hint)[0]))
    if get_origin(hint) in (Union, UnionType):
        return _union_codec(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return enum_codec(hint)
    if hint is Pattern:
        return _pattern_codec()
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass_codec(hint)
    raise TypeError(f"{hint!r} has no form in JSON")


def write_value(value: object) -> JsonObject:
    """Write a dataclass of the core as a JSON object."""
    return cast("JsonObject", codec_of(type(value)).write(value))


def read_value(hint: type[Value], value: object, path: str = "") -> Value:
    """Read a JSON value as what ``hint`` declares.

    Raises:
        InputError: it is anything else; with every problem and its path.

    """
    problems: list[Problem] = []
    found = codec_of(hint).read(value, path, problems)
    if problems:
        raise InputError(problems)
    return cast("Value", found)


def _tuple_codec(item: Codec) -> Codec:
    def write(values: Sequence[object]) -> list[object]:
        return [item.write(value) for value in values]

    def read(value: object, path: str, problems: list[Problem]) -> object:
        if not isinstance(value, list):
            return bad(problems, path, value, "a list")
        found = [item.read(v, f"{path}[{n}]", problems) for n, v in enumerate(value)]
        return BAD if BAD in found else tuple(found)

    return Codec(write, read, lambda parts: {"type": "array", "items": item.schema(parts)})


def _union_codec(members: Sequence[Any]) -> Codec:
    """Make the codec of ``X | None``, or of dataclasses told apart by their code."""
    present = [member for member in members if member is not NoneType]
    inner = codec_of(present[0]) if len(present) == 1 else _coded_codec(present)
    if len(present) == len(members):
        return inner

    def read(value: object, path: str, problems: list[Problem]) -> object:
        return None if value is None else inner.read(value, path, problems)

    return Codec(
        lambda value: None if value is None else inner.write(value),
        read,
        lambda parts: {"anyOf": [inner.schema(parts), {"type": "null"}]},
    )


def _coded_codec(members: Sequence[Any]) -> Codec:
    codecs = {member.code: codec_of(member) for member in members}

    def read(value: object, path: str, problems: list[Problem]) -> object:
        if not isinstance(value, dict):
            return bad(problems, path, value, "an object")
        code = value.get("code")
        if not isinstance(code, str) or code not in codecs:
            wanted = f"one of {', '.join(codecs)}"
            return bad(problems, within(path, "code"), code, wanted)
        return codecs[code].read(value, path, problems)

    return Codec(
        lambda value: codecs[value.code].write(value),
        read,
        lambda parts: {"oneOf": [codec.schema(parts) for codec in codecs.values()]},
    )


def _dataclass_codec(kind: type[Any]) -> Codec:
    hints = get_type_hints(kind)
    codecs = {each.name: codec_of(hints[each.name]) for each in fields(kind)}
    writers = [(name, codec.write) for name, codec in codecs.items()]
    needed = [each.name for each in fields(kind) if _is_required(each)]
    code: str | None = getattr(kind, "code", None)
    start = {} if code is None else {"code": code}

    def write(value: object) -> JsonObject:
        return start | {name: writer(getattr(value, name)) for name, writer in writers}

    def read(value: object, path: str, problems: list[Problem]) -> object:
        members = _members(value, (start, codecs, needed), path, problems)
        if isinstance(members, Bad):
            return BAD
        found = {k: codecs[k].read(v, within(path, k), problems) for k, v in members.items()}
        return BAD if BAD in found.values() else kind(**found)

    def schema(parts: Schemas) -> JsonObject:
        if kind.__name__ not in parts:
            parts[kind.__name__] = {}
            properties: JsonObject = {"code": {"const": code}} if start else {}
            properties |= {name: codec.schema(parts) for name, codec in codecs.items()}
            parts[kind.__name__] = _closed(properties, [*start, *needed])
        return {"$ref": f"#/$defs/{kind.__name__}"}

    return Codec(write, read, schema)


def _is_required(member: "Field[Any]") -> bool:
    return member.default is MISSING and member.default_factory is MISSING


def _members(
    value: object,
    shape: tuple[dict[str, str], dict[str, Codec], list[str]],
    path: str,
    problems: list[Problem],
) -> JsonObject | Bad:
    """Check the keys of an object; give those that are fields."""
    start, codecs, needed = shape
    if not isinstance(value, dict):
        return bad(problems, path, value, "an object")
    for key in value:
        if key not in codecs and key not in start:
            bad(problems, within(path, key), value[key], "no such key")
    for key, wanted in start.items():
        if value.get(key) != wanted:
            bad(problems, within(path, key), value.get(key), wanted)
    missing = [key for key in needed if key not in value]
    problems.extend(Problem(within(path, key), "nothing", "a value") for key in missing)
    if missing:
        return BAD
    return {key: value[key] for key in codecs if key in value}


def _closed(properties: JsonObject, required: list[str]) -> JsonObject:
    """Describe an object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _pattern_codec() -> Codec:
    """Make the codec of a pattern: its text is compiled again when it is read."""
    shape = {
        "text": SCALARS[str],
        "anchoring": enum_codec(Anchoring),
        "timeout": SCALARS[float],
    }

    def read(value: object, path: str, problems: list[Problem]) -> object:
        members = _members(value, ({}, shape, list(shape)), path, problems)
        if isinstance(members, Bad):
            return BAD
        found = {k: shape[k].read(v, within(path, k), problems) for k, v in members.items()}
        if BAD in found.values():
            return BAD
        try:
            return compile_pattern(found["text"], found["anchoring"], found["timeout"])
        except ValueError as error:
            return bad(problems, within(path, "text"), found["text"], str(error))

    def write(pattern: Pattern) -> JsonObject:
        return {name: codec.write(getattr(pattern, name)) for name, codec in shape.items()}

    def schema(parts: Schemas) -> JsonObject:
        members = {name: codec.schema(parts) for name, codec in shape.items()}
        parts["Pattern"] = _closed(members, list(shape))
        return {"$ref": "#/$defs/Pattern"}

    return Codec(write, read, schema)
