"""The shape of a policy document: which keys there are, and what each may hold.

The only module of the policy that needs pydantic. What a document means is in ``policy``.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from purge_core.durations import DURATION_PATTERN, parse_duration
from purge_core.policies.pattern_syntax import MAX_SIZE, checked_pattern
from purge_core.policies.patterns import DEFAULT_TIMEOUT
from purge_core.policies.policy import Limits, Target
from purge_core.policies.used_lists import SOURCE_PATTERN, check_max_age, check_source
from purge_core.registry_names import REGISTRY_PATTERN, parse_registry

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


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)


def _absent(stand_in: object) -> Any:  # noqa: ANN401 - it is the value of a field of any type
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
Count = Annotated[int, Field(ge=0, le=_MOST)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class _Model(BaseModel):
    """No key that is not known, no value that is not of its type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RuleModel(_Model):
    """Selects tags to delete. The first rule that matches a tag owns it."""

    name: Annotated[
        Name,
        Field(description="Names the rule in reports; 'rule 1' and so on if absent."),
    ] = _absent("")
    repositories: Annotated[PatternText, Field(description="Which repositories.")]
    tags: Annotated[PatternText, Field(description="Which tags.")]
    older_than: Annotated[Duration, Field(description="Only tags last updated longer ago.")]
    keep_newest: Annotated[
        Count, Field(description="How many of the newest images stay, in each repository.")
    ] = 0
    target: Annotated[
        TargetText, Field(description="Only the tags, or whole images with all their tags.")
    ] = Target.TAGS.value
    allow_empty: Annotated[
        bool, Field(description="Whether a repository may lose its last tagged image.")
    ] = False
    unsafe_match_all: Annotated[
        bool,
        Field(
            description="Must be true in a rule that matches every tag, keeps none of the newest"
            " and reaches back less than 30 days."
        ),
    ] = False


class UntaggedModel(_Model):
    """Purges manifests without a tag; without this key none goes for being untagged."""

    older_than: Annotated[Duration, Field(description="Only manifests last updated longer ago.")]
    keep_newest: Annotated[
        Count, Field(description="How many of the newest stay, in each repository.")
    ] = 0
    orphans: Annotated[
        bool, Field(description="Also signatures, SBOMs and the like whose image is missing.")
    ] = False
    allow_empty: Annotated[
        bool, Field(description="Whether a repository may lose its last tagged image.")
    ] = False
    repositories: Annotated[
        Patterns,
        Field(description="Which repositories: a pattern or several. All if absent."),
    ] = _absent([])


class ProtectModel(_Model):
    """Tags that always stay, with all that their images need."""

    name: Annotated[
        Name,
        Field(description="Names it in reports; 'protection 1' and so on if absent."),
    ] = _absent("")
    repositories: Annotated[PatternText, Field(description="Which repositories.")] = ".*"
    tags: Annotated[PatternText, Field(description="Which tags.")] = ".*"


class InUseModel(_Model):
    """What a list of running images names stays, with all that belongs to it."""

    in_use: Annotated[
        Source,
        Field(description="The list: a file, or an https URL. Without it nothing is deleted."),
    ]
    max_age: Annotated[
        MaxAge, Field(description="A list that is older is not believed: nothing is deleted.")
    ] = "1d"


def kind_of_protection(entry: object) -> str:
    """Tell the two kinds apart: patterns of tags, and lists of images in use."""
    listed = isinstance(entry, dict) and ("in_use" in entry or "max_age" in entry)
    return IN_USE if listed or isinstance(entry, InUseModel) else PATTERNS


PATTERNS: Final = "patterns"
IN_USE: Final = "in_use"
AnyProtectModel = Annotated[
    Annotated[ProtectModel, Tag(PATTERNS)] | Annotated[InUseModel, Tag(IN_USE)],
    Discriminator(kind_of_protection),
]


class LimitsModel(_Model):
    """Guards against a policy that takes far more than was meant."""

    max_deletions: Annotated[
        Count, Field(description="Tags and manifests that one run may delete in all.")
    ] = Limits().max_deletions
    max_delete_share: Annotated[
        Share | None,
        Field(
            description="Share of one repository's tags, and of its manifests, that one run may"
            " delete, where there are at least ten. null: any share."
        ),
    ] = Limits().max_delete_share


class PolicyModel(_Model, title="Purge policy"):
    """What is purged from a container registry, and what never is."""

    version: Annotated[Version, Field(description="The version of this format.")]
    registries: Annotated[
        list[Registry], Field(description="The registries that the policy is for.")
    ] = []
    rules: Annotated[list[RuleModel], Field(description="Asked in this order for each tag.")] = []
    untagged: UntaggedModel = _absent(None)
    protect: Annotated[
        list[AnyProtectModel], Field(description="What stays, whatever the rules say.")
    ] = []
    limits: Annotated[LimitsModel | None, Field(description="null: no limits.")] = LimitsModel()
    include_locked: Annotated[
        bool, Field(description="Whether locked tags and manifests are unlocked and deleted.")
    ] = False
    match_timeout: Annotated[
        Seconds, Field(description="Seconds that matching one pattern with one name may take.")
    ] = DEFAULT_TIMEOUT
