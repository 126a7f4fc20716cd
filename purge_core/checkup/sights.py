"""What was seen of a registry and of a storage account, nothing concluded yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from purge_core.instants import Span


class Permissions(Enum):
    """How a registry decides who may do what, as its refresh token shows."""

    ROLES = "roles"
    """Roles on the whole registry (RBAC)."""
    REPOSITORIES = "repositories"
    """Roles that may be limited to repositories (ABAC)."""


class Step(Enum):
    """The steps of a look that can fail; each needs the one before it."""

    NETWORK = "network"
    CERTIFICATE = "certificate"
    IDENTITY = "identity"
    ADMISSION = "admission"


class Deleted(Enum):
    """What the list of deleted repositories answers."""

    HOLDS = "holds"
    EMPTY = "empty"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Who:
    """Who signs in, as the directory's token says. ``None``: it does not say."""

    name: str | None = None
    object_id: str | None = None
    is_user: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySight:
    """What was seen of a registry.

    ``trouble`` ends the look: at ``step`` this went wrong. ``skew`` is how far the
    registry's clock is ahead of ours. ``names`` are its repositories (``None``: not told),
    ``rights`` what the token endpoint grants on those that were asked about.
    """

    host: str
    step: Step = Step.NETWORK
    trouble: str | None = None
    skew: Span | None = None
    who: Who | None = None
    permissions: Permissions | None = None
    names: tuple[str, ...] | None = None
    more_names: bool = False
    rights: Mapping[str, frozenset[str]] = field(default_factory=dict)
    deleted: Deleted = Deleted.UNANSWERED


@dataclass(frozen=True, slots=True)
class ServiceSight:
    """One queue or table: whether it is there, may be read and may be written.

    ``None``: not seen. ``trouble`` is why it could not be looked at at all, and ``answered``
    whether there was an answer; ``signed_in``: whether there was anybody to ask as. ``waiting``
    is about how many messages wait in a queue.
    """

    name: str
    exists: bool | None = None
    may_read: bool | None = None
    may_write: bool | None = None
    waiting: int | None = None
    trouble: str | None = None
    answered: bool = True
    signed_in: bool = True
