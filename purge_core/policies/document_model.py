"""The shape of a policy document: which keys there are, and what each may hold.

It and ``document_fields`` alone need pydantic. What a document means is in ``policy``.
"""

from typing import Annotated, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
)

from purge_core.policies.document_fields import (
    Count,
    Duration,
    FateText,
    MaxAge,
    Name,
    Patterns,
    PatternText,
    Registry,
    RepositoryText,
    Seconds,
    Share,
    Source,
    TagText,
    TargetText,
    Version,
    absent,
)
from purge_core.policies.patterns import DEFAULT_TIMEOUT
from purge_core.policies.policy import Limits, Target


class _Model(BaseModel):
    """No key that is not known, no value that is not of its type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RuleModel(_Model):
    """Selects tags to delete. The first rule that matches a tag owns it."""

    name: Annotated[
        Name,
        Field(description="Names the rule in reports; 'rule 1' and so on if absent."),
    ] = absent("")
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
    repositories: Annotated[
        Patterns,
        Field(description="Which repositories: a pattern or several. All if absent."),
    ] = absent([])


class ProtectModel(_Model):
    """Tags that always stay, with all that their images need."""

    name: Annotated[
        Name,
        Field(description="Names it in reports; 'protection 1' and so on if absent."),
    ] = absent("")
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


class ExampleModel(_Model):
    """An image and what the policy is meant to make of it; checked when the policy is read.

    It stands alone: one image with one tag, unlocked, not in use, in a repository with
    nothing else but the newer images that `newer` counts.
    """

    repository: Annotated[RepositoryText, Field(description="The repository that it is in.")]
    tag: Annotated[TagText, Field(description="Its only tag.")]
    age: Annotated[
        Duration,
        Field(description="How long ago it and its tag were last updated, exactly."),
    ]
    expect: Annotated[FateText, Field(description="What the policy must make of it.")]
    newer: Annotated[
        Count,
        Field(
            description="How many newer images count for the same rule's keep_newest. 0: it is"
            " the newest, so a rule that keeps any keeps it."
        ),
    ] = 0


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
    untagged: UntaggedModel = absent(None)
    protect: Annotated[
        list[AnyProtectModel], Field(description="What stays, whatever the rules say.")
    ] = []
    examples: Annotated[
        list[ExampleModel],
        Field(description="What the policy is meant to do. One that fails is an error."),
    ] = []
    limits: Annotated[LimitsModel | None, Field(description="null: no limits.")] = LimitsModel()
    include_locked: Annotated[
        bool, Field(description="Whether locked tags and manifests are unlocked and deleted.")
    ] = False
    match_timeout: Annotated[
        Seconds, Field(description="Seconds that matching one pattern with one name may take.")
    ] = DEFAULT_TIMEOUT
