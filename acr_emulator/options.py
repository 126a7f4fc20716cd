"""How one development registry behaves: everything that can be chosen, with its default."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import ClassVar, Final

STRICT: Final = {"extra": "forbid"}
"""For who reads these from a document: unknown keys are errors."""


@unique
class EmptyPage(StrEnum):
    """How a list without entries is written: `null` (the real registry), `[]`, or no such key."""

    NULL = "null"
    EMPTY = "empty"
    ABSENT = "absent"


@unique
class Sku(StrEnum):
    """The registry's tier: the size of its quota."""

    BASIC = "basic"
    STANDARD = "standard"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Actions that identities lack on repositories.

    Both patterns are regular expressions over the whole name.
    Actions: metadata_read, metadata_write, delete, pull, push, and `*` on the repository `catalog`
    for the catalogue.
    """

    __pydantic_config__: ClassVar = STRICT

    actions: frozenset[str]
    repository: str = ".*"
    identity: str = ".*"

    def covers(self, *, identity: str, repository: str, action: str) -> bool:
        """Whether it takes this action from this identity."""
        return (
            action in self.actions
            and re.fullmatch(self.repository, repository) is not None
            and re.fullmatch(self.identity, identity) is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All choices. Times are in seconds.

    `login_server` is the name that the registry gives itself (its address unless set). `page_cap`
    is the largest page, whatever is asked. With `link_on_full_page` a full last page still names a
    next one, as the real registry does. `tags_per_manifest` cuts the tags in manifest lists;
    `hidden_tags_in_manifests` shows there the tags that the tag list hides. `require_blobs`
    refuses pushed manifests whose blobs are missing.

    `aad_tokens` maps the accepted directory tokens to identities; None accepts any. `abac` gives
    tokens per repository only; `wildcard_refusal` is the status that one for all repositories is
    refused with, though it was given. `anonymous_pull` lets anyone read. `sku` None means no quota;
    `burst` is the size of a bucket in seconds of its rate and `hold` how long an empty bucket
    stays closed. `speed` makes quota and running clock pass faster.

    `realm` is the address in challenges and `link_base` what stands before the path in Link
    headers: a hostile registry names other hosts there. `log_size` is how many requests the log
    remembers.
    """

    __pydantic_config__: ClassVar = STRICT

    login_server: str | None = None
    page_size: int = 100
    page_cap: int = 1_000
    link_on_full_page: bool = True
    empty_page: EmptyPage = EmptyPage.NULL
    tags_per_manifest: int | None = None
    hidden_tags_in_manifests: bool = False
    require_blobs: bool = True
    admin_user: str = "admin"
    admin_password: str = "development"
    aad_tokens: Mapping[str, str] | None = None
    abac: bool = False
    wildcard_refusal: int | None = None
    anonymous_pull: bool = False
    access_token_lifetime: float = 4_500.0
    refresh_token_lifetime: float = 10_800.0
    denials: tuple[Denial, ...] = ()
    sku: Sku | None = None
    burst: float = 60.0
    hold: float = 5.0
    speed: float = 1.0
    latency: float = 0.0
    log_size: int = 200_000
    realm: str | None = None
    link_base: str = ""
