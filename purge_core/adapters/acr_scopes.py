"""What tokens are good for: actions on a repository, or on all of them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from purge_core.adapters.acr_tokens import granted_by

EVERY: Final = "*"
"""All repositories, or all actions."""
_TOGETHER: Final = {"metadata_read": ("metadata_read", "pull"), "pull": ("metadata_read", "pull")}
"""What is asked for in one token. Nobody who only reads asks for one that may delete."""


class Scope(NamedTuple):
    """What a token is good for: one action on one repository (``""``: the registry)."""

    repository: str
    action: str


def actions_with(scope: Scope) -> tuple[str, ...]:
    """Give what is asked for along with a scope's action."""
    return _TOGETHER.get(scope.action, (scope.action,))


def for_all(scope: Scope) -> Scope:
    """Give the same action on all repositories."""
    return Scope(EVERY, scope.action)


def serving(scope: Scope) -> tuple[Scope, ...]:
    """What a token may be known by that serves ``scope``."""
    return (scope, for_all(scope)) if scope.repository else (scope,)


def granted_for(token: str, scope: Scope) -> Iterator[Scope]:
    """Give what an access token says it is good for, of what was asked for with ``scope``."""
    granted = granted_by(token, "repository")
    for name in (scope.repository, EVERY):
        actions = granted.get(name, frozenset())
        for action in actions_with(scope):
            if action in actions or EVERY in actions:
                yield Scope(name, action)
