"""What may stand in the fields of a policy document, each with its JSON Schema."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from purge_core.durations import DURATION_PATTERN, parse_duration
from purge_core.policies.pattern_syntax import MAX_SIZE, checked_pattern
from purge_core.policies.policy import Fate, Target
from purge_core.policies.used_lists import SOURCE_PATTERN, check_max_age, check_source
from purge_core.registry_names import (
    REGISTRY_PATTERN,
    REPOSITORY_PATTERN,
    TAG_PATTERN,
    parse_registry,
    parse_repository,
    parse_tag,
)

_NAME_PATTERN: Final = r"^\S(?:.{0,98}\S)?$"
_MOST: Final = 1_000_000_000
"""Beyond any number of tags that a registry holds."""

JsonSchema = dict[str, object]


def _checked(check: Callable[[str], object]) -> AfterValidator:
    """Make a validator of a function that raises ``ValueError`` saying what is expected."""

    def keep(text: str) -> str:
        check(text)
        return text

    return AfterValidator(keep)


def _name(text: str) -> None:
    if not 1 <= len(text) <= 100 or not text.isprintable() or text != text.strip():  # noqa: PLR2004
        raise ValueError("a name of 1 to 100 printable characters, with no space at its ends")


def _target(text: str) -> None:
    if text not in {target.value for target in Target}:
        raise ValueError("tags or images")


def _fate(text: str) -> None:
    if text not in {fate.value for fate in Fate}:
        raise ValueError("keep or delete")


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)


def absent(stand_in: object) -> Any:  # noqa: ANN401 - it is the value of a field of any type
    """Make a field that may be left out, though a null in its place is an error."""
    return Field(default=stand_in, json_schema_extra=_without_default)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_PATTERN_SCHEMA: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_SIZE,
    "description": "A regular expression that covers the whole name; alternatives are grouped.",
    "examples": [".*", "team/.*", "pr-[0-9]+", "latest|stable"],
}

Version = Annotated[int, Field(ge=1, le=1), WithJsonSchema({"const": 1})]
Name = Annotated[
    str,
    _checked(_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 100, "pattern": _NAME_PATTERN}),
]
PatternText = Annotated[str, _checked(checked_pattern), WithJsonSchema(_PATTERN_SCHEMA)]
Patterns = Annotated[
    list[PatternText],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(
        {"anyOf": [_PATTERN_SCHEMA, {"type": "array", "items": _PATTERN_SCHEMA, "minItems": 1}]}
    ),
]
Duration = Annotated[
    str,
    _checked(parse_duration),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": DURATION_PATTERN,
            "maxLength": 100,
            "description": "Weeks, days, hours, minutes and seconds in this order, without spaces;"
            " decimals are allowed. At most 150 years.",
            "examples": ["30d", "12h", "1d12h", "0d"],
        }
    ),
]
Registry = Annotated[
    str,
    _checked(parse_registry),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": REGISTRY_PATTERN,
            "examples": ["contoso", "contoso.azurecr.io"],
        }
    ),
]
Source = Annotated[
    str,
    _checked(check_source),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": SOURCE_PATTERN,
            "maxLength": 4096,
            "examples": ["in-use.txt", "https://contoso.blob.core.windows.net/lists/in-use.txt"],
        }
    ),
]
MaxAge = Annotated[Duration, _checked(check_max_age)]
TargetText = Annotated[
    str,
    _checked(_target),
    WithJsonSchema({"type": "string", "enum": [target.value for target in Target]}),
]
FateText = Annotated[
    str,
    _checked(_fate),
    WithJsonSchema({"type": "string", "enum": [fate.value for fate in Fate]}),
]
RepositoryText = Annotated[
    str,
    _checked(parse_repository),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 256,
            "pattern": REPOSITORY_PATTERN,
            "examples": ["shop/cart"],
        }
    ),
]
TagText = Annotated[
    str,
    _checked(parse_tag),
    WithJsonSchema({"type": "string", "pattern": TAG_PATTERN, "examples": ["1.4.2", "pr-17"]}),
]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
