"""What a registry and a repository may be called; never a URL, a path or a variable."""

import re
from typing import Final

REGISTRY_PATTERN: Final = (
    r"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$"
)
"""Also valid in a JSON Schema."""
REPOSITORY_PATTERN: Final = (
    r"^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$"
)
"""The distribution specification's; also valid in a JSON Schema."""

TAG_PATTERN: Final = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
"""The distribution specification's; also valid in a JSON Schema."""

_LONGEST_REPOSITORY: Final = 256
_REGISTRY: Final = re.compile(REGISTRY_PATTERN)
_REPOSITORY: Final = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII
)


def may_name_repository(text: str) -> bool:
    """Whether a registry could answer for a repository of this name.

    Wider than the specification, but never ``..`` or what else could lead a request astray.
    """
    return _REPOSITORY.fullmatch(text) is not None


def parse_repository(text: str) -> str:
    """Return ``text`` as it is when a repository may be called so.

    Raises:
        ValueError: it may not; says what is expected.

    """
    if len(text) > _LONGEST_REPOSITORY or re.fullmatch(REPOSITORY_PATTERN, text) is None:
        raise ValueError("the name of a repository, such as shop/cart")
    return text


def parse_tag(text: str) -> str:
    """Return ``text`` as it is when a tag may be called so.

    Raises:
        ValueError: it may not; says what is expected.

    """
    if re.fullmatch(TAG_PATTERN, text) is None:
        raise ValueError("a tag, such as 1.4.2 or pr-17, in quotes where it looks like a number")
    return text


def parse_registry(text: str) -> str:
    """Return ``text`` as it is when it names a registry, by short name or by host.

    Raises:
        ValueError: it does not; says what is expected.

    """
    if text.endswith("\n") or _REGISTRY.match(text) is None:
        raise ValueError(
            "a registry such as contoso or contoso.azurecr.io (no scheme, path or variable)"
        )
    return text
