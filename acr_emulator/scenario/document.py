"""The shape of a scenario file. Unknown keys are errors."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from acr_emulator.attributes import OPEN
from acr_emulator.compose import MIB, Format, Layer, Scheme
from acr_emulator.faults import Effect
from acr_emulator.kinds import Kind
from acr_emulator.media import Platform
from acr_emulator.options import Options
from acr_emulator.scenario.words import (
    Age,
    JsonValue,
    Lock,
    PlatformWord,
    Size,
    Time,
    read_layer,
    read_tag,
)
from acr_emulator.state import Semantics


class Part(BaseModel):
    """Base of all parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Timed(Part):
    """Something with an age before the scenario's now, or a time. Neither means now."""

    age: Age | None = None
    time: Time | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.age is not None and self.time is not None:
            raise ValueError("give age or time, not both")
        return self

    def instant(self, now: int) -> int | None:
        """When it happened, in ticks; None when nothing is said."""
        return now - self.age if self.age is not None else self.time


class JsonQuirks(Part):
    """How an item's JSON differs (see `repository.Quirks`)."""

    omit: frozenset[str] = frozenset()
    override: dict[str, JsonValue] = Field(default_factory=dict)
    attributes: dict[str, JsonValue] = Field(default_factory=dict)


class TagPart(Timed, JsonQuirks):
    """A tag; its time is its manifest's unless said otherwise."""

    name: str
    lock: Lock = OPEN


class LayerPart(Part):
    """A layer."""

    size: Size
    shared: str | None = None

    def layer(self) -> Layer:
        """The value."""
        return Layer(size=self.size, shared=self.shared)


TagWord = Annotated[TagPart, BeforeValidator(read_tag)]
LayerWord = Annotated[LayerPart, BeforeValidator(read_layer)]


class Entry(Timed, JsonQuirks):
    """What images and low-level manifests have in common. `id` is what others call it by."""

    id: str | None = None
    tags: list[TagWord] = Field(default_factory=list)
    lock: Lock = OPEN
    get_status: int | None = None
    get_body: str | None = None


class ImagePart(Entry):
    """An image, an index, an artifact (see `compose.Image`)."""

    platforms: list[PlatformWord] = [Platform(architecture="amd64", os="linux")]
    type: Format = Format.OCI
    layers: list[LayerWord] = [LayerPart(size=MIB)]
    signed: frozenset[Scheme] = frozenset()
    sbom: frozenset[Scheme] = frozenset()
    attestations: bool = False
    index: list[str] | None = None
    subject: str | None = None
    artifact_type: str | None = None
    children_age: Age | None = None
    attached_age: Age | None = None


class ManifestPart(Entry):
    """A manifest of given bytes; `${id}` in them stands for another entry's digest."""

    body: str
    media_type: str | None = None
    digest: str | None = None


class RepositoryPart(Part):
    """A repository; images are pushed before low-level manifests, each list in its order."""

    lock: Lock = OPEN
    images: list[ImagePart] = Field(default_factory=list)
    manifests: list[ManifestPart] = Field(default_factory=list)


class MatchPart(Part):
    """Which requests (see `matching.Match`)."""

    path: str = ""
    method: str = ""
    kind: Kind | None = None
    number: int | None = None
    after: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)
    every: int = Field(default=1, ge=1)


class FaultPart(MatchPart):
    """A fault (see `faults.Fault`)."""

    effect: Effect = Effect.STATUS
    status: int = 500
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    delay: float = 0.0
    done: bool = False


class PushAction(ImagePart):
    """Push an image, now unless an age or time is given."""

    do: Literal["push"]
    repository: str


class RetagAction(Part):
    """Point a tag at another manifest: `to` is an id, a tag or a digest."""

    do: Literal["retag"]
    repository: str
    tag: str
    to: str


class DeleteAction(Part):
    """Delete a tag, a manifest (an id, a tag or a digest), or with neither the repository."""

    do: Literal["delete"]
    repository: str
    tag: str | None = None
    manifest: str | None = None


class LockAction(Part):
    """Set the locks of a tag, a manifest, or with neither the repository; [] unlocks."""

    do: Literal["lock"]
    repository: str
    lock: Lock
    tag: str | None = None
    manifest: str | None = None


class AdvanceAction(Part):
    """Let time pass at once."""

    do: Literal["advance"]
    by: Age


Action = Annotated[
    PushAction | RetagAction | DeleteAction | LockAction | AdvanceAction,
    Field(discriminator="do"),
]


class EventPart(Part):
    """Actions before or after a request that fits (the first that does, unless `times` says more).

    Or at the first request at which the registry's clock has passed a time (`at`) or an age after
    now (`in`).
    """

    before: MatchPart | None = None
    after: MatchPart | None = None
    at: Time | None = None
    in_: Age | None = Field(default=None, alias="in")
    actions: list[Action] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        given = (self.before, self.after, self.at, self.in_)
        if sum(trigger is not None for trigger in given) != 1:
            raise ValueError("give exactly one of before, after, at, in")
        return self


class Document(Part):
    """A whole scenario. With `now` the clock stands there unless `clock` says that it runs."""

    now: Time | None = None
    clock: Literal["fixed", "running"] = "fixed"
    options: Options = Options()
    semantics: Semantics = Semantics()
    repositories: dict[str, RepositoryPart] = Field(default_factory=dict)
    faults: list[FaultPart] = Field(default_factory=list)
    events: list[EventPart] = Field(default_factory=list)
