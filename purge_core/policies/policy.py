"""What should be purged, as frozen values. Documents and command lines become these."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from purge_core.instants import DAY, Span
from purge_core.model import RepositoryName, TagName
from purge_core.policies.patterns import Pattern

UNTAGGED: Final = "untagged"
"""The name under which the `untagged` part of a policy appears in reasons."""


class Dialect(Enum):
    """Whose rules apply where policy documents and ``acr purge`` differ."""

    DOCUMENT = "document"
    ACR_PURGE = "acr-purge"


class Target(Enum):
    """What a rule takes."""

    TAGS = "tags"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class Selector:
    """A pair of patterns; it covers a tag when both match."""

    repositories: Pattern
    tags: Pattern


@dataclass(frozen=True, slots=True)
class Rule:
    """Selects the tags that it owns: those that it is the first rule to match.

    A selected tag is strictly older than ``older_than`` and not among the
    ``keep_newest``. Several selectors (the filters of an ``acr purge`` line) are one
    selection with one counter.
    """

    name: str
    selectors: tuple[Selector, ...]
    older_than: Span
    keep_newest: int = 0
    target: Target = Target.TAGS
    allow_empty: bool = False

    def covers(self, repository: RepositoryName) -> bool:
        """Whether the rule says anything about ``repository``."""
        return any(s.repositories.matches(repository) for s in self.selectors)

    def matches(self, repository: RepositoryName, tag: TagName) -> bool:
        """Whether the rule matches ``tag`` in ``repository``."""
        return any(
            s.repositories.matches(repository) and s.tags.matches(tag) for s in self.selectors
        )


@dataclass(frozen=True, slots=True)
class Untagged:
    """How manifests without a tag are purged.

    ``orphans``: also referrers whose subject is missing. ``repositories``: any of them
    must match; empty means every repository.
    """

    older_than: Span
    keep_newest: int = 0
    orphans: bool = False
    repositories: tuple[Pattern, ...] = ()

    def covers(self, repository: RepositoryName) -> bool:
        """Whether untagged manifests of ``repository`` are purged at all."""
        patterns = self.repositories
        return not patterns or any(p.matches(repository) for p in patterns)


@dataclass(frozen=True, slots=True)
class Protection:
    """Tags that always stay, and with them all that their manifests need."""

    name: str
    selector: Selector


@dataclass(frozen=True, slots=True)
class UsedList:
    """A list of the images that something runs; what it names always stays.

    ``source`` is a file or an https URL. A list that is older than ``max_age`` is not
    believed, and nothing is deleted then.
    """

    source: str
    max_age: Span = DAY


class Fate(Enum):
    """What becomes of an image."""

    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Example:
    """An image, and what the policy is meant to make of it; checked when the policy is read.

    It is an image of its own with this one tag, both ``age`` old, unlocked and not in use.
    ``newer`` images that count for the same rule are newer than it.
    """

    repository: RepositoryName
    tag: TagName
    age: Span
    expect: Fate
    newer: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Guards against a policy that takes far more than was meant.

    ``max_deletions`` counts tags and manifests over a whole run; ``max_delete_share``
    is a share of one repository's tags, and of its manifests.
    """

    max_deletions: int = 5_000
    max_delete_share: float = 0.9


SHARE_COUNTS_FROM: Final = 10
"""A repository with fewer tags (or manifests) than this has no share limit for them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy. ``limits`` is ``None`` where no guard applies (``acr purge``)."""

    rules: tuple[Rule, ...] = ()
    untagged: Untagged | None = None
    protect: tuple[Protection, ...] = ()
    limits: Limits | None = Limits()
    include_locked: bool = False
    registries: tuple[str, ...] = ()
    dialect: Dialect = Dialect.DOCUMENT
    in_use: tuple[UsedList, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing can ever be deleted: no rule, and no ``untagged``."""
        return not self.rules and self.untagged is None

    def covers(self, repository: RepositoryName) -> bool:
        """Whether anything in ``repository`` could be deleted."""
        untagged = self.untagged is not None and self.untagged.covers(repository)
        return untagged or any(rule.covers(repository) for rule in self.rules)

    def literal_repositories(self) -> tuple[RepositoryName, ...] | None:
        """The repositories that the policy names, when it names every one literally.

        ``None`` when some pattern has to be matched against the registry's catalogue.
        """
        patterns = [s.repositories for rule in self.rules for s in rule.selectors]
        if self.untagged is not None:
            if not self.untagged.repositories:
                return None
            patterns += self.untagged.repositories
        names = {pattern.literal for pattern in patterns}
        if None in names:
            return None
        return tuple(sorted(RepositoryName(name) for name in names if name))
