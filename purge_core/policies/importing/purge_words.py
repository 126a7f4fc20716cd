"""Where in a command line ``acr purge`` begins, whatever image or alias it is called by."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# acr, acr-cli, contoso.azurecr.io/acr:latest, {{.Run.Registry}}/acr-cli, $Registry/acr,
# mcr.microsoft.com/acr/acr-cli:0.17@sha256:...
_PROGRAM: Final = re.compile(
    r"(?:(?:\{\{[^{}]*\}\}|[^\s{}]+)/)?acr(?:-cli)?(?:\.exe)?"
    r"(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?"
)
_TEMPLATE: Final = re.compile(r"\$?\{\{[^{}]*\}\}")
_CONTAINERS: Final = frozenset({"docker", "podman", "nerdctl"})
_WRAPPERS: Final = frozenset({"sudo", "time", "exec", "command", "!"})


@dataclass(frozen=True, slots=True)
class PurgeWords:
    """The words after ``purge``, and the program's name where it was more than ``acr``."""

    words: tuple[str, ...]
    program: str


def split_command(text: str) -> list[str]:
    """Split a command line as an ACR Task does: POSIX quotes; a line break is white space.

    Raises:
        ValueError: a quote is not closed.

    """
    joined = _TEMPLATE.sub(lambda match: re.sub(r"\s+", "", match[0]), text)
    return shlex.split(re.sub(r"\\\r?\n", " ", joined))


def is_program(word: str) -> bool:
    """Whether a word is ``acr``, or an image that holds it."""
    return _PROGRAM.fullmatch(word) is not None


def purge_words(words: Sequence[str]) -> PurgeWords | None:
    """Find ``acr purge`` at the start, or as the image of ``docker run``; ``None``: neither."""
    rest = list(words)
    while rest and rest[0] in _WRAPPERS:
        del rest[0]
    inside = bool(rest) and rest[0] in _CONTAINERS
    for index in range(len(rest) - 1 if inside else min(1, len(rest) - 1)):
        if rest[index + 1] == "purge" and is_program(rest[index]):
            return PurgeWords(tuple(rest[index + 2 :]), rest[index])
    return None
