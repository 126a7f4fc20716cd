"""The shape of a purge that is asked for by HTTP: which members, and what each may hold."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from purge_core.registry_names import REPOSITORY_PATTERN

LONGEST_WAIT: Final = 60
"""Seconds; the host itself ends a request after 230."""
SOURCES: Final = ("policy", "policyName", "command")
"""What may say what is to be purged."""

RepositoryText = Annotated[
    str, Field(pattern=REPOSITORY_PATTERN, max_length=256, examples=["shop/cart"])
]


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)


def _absent(description: str, **options: Any) -> Any:  # noqa: ANN401 - a field of any type
    """Make a field that may be left out, though a null in its place is an error."""
    return Field(
        default=None, description=description, json_schema_extra=_without_default, **options
    )


class PurgeRequest(BaseModel):
    """A purge of one registry, or only its plan. Exactly one of three says what goes."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"oneOf": [{"required": [source]} for source in SOURCES]},
    )

    registry: Annotated[
        str,
        Field(
            min_length=1,
            max_length=300,
            description="One of the app's registries, by short name or host.",
            examples=["contoso.azurecr.io"],
        ),
    ]
    repositories: list[RepositoryText] = _absent(
        "Only these repositories, as far as the policy covers them.", min_length=1, max_length=1000
    )
    mode: Annotated[
        Literal["plan", "purge"],
        Field(description="plan deletes nothing; what it plans can be applied later."),
    ] = "plan"
    wait: Annotated[
        float,
        Field(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the end of the run."),
    ] = 0
    policy: dict[str, Any] = _absent("A policy document.")
    policy_name: Literal["default"] = _absent("The deployed policy.", alias="policyName")
    command: str = _absent(
        "A whole `acr purge` line; with --dry-run nothing is deleted.",
        min_length=1,
        max_length=100_000,
        examples=["acr purge --filter 'shop/.*:pr-.*' --ago 7d --untagged"],
    )
