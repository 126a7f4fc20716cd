"""The flags that ``acr purge`` had before 2020, in their modern form.

``--repository NAME`` with ``--filter TAGS`` is now one ``--filter NAME:TAGS``;
``--dangling`` (untagged manifests only) is ``--untagged-only``. Source: Azure/acr-cli,
cmd/acr/purge.go of 2019.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.findings import Findings
from purge_core.registry_names import parse_repository
from purge_core.wording import shown

_FILTERS: Final = ("--filter", "-f")


@dataclass(slots=True)
class _Old:
    """The words of a line, parted."""

    repository: str | None = None
    dangling: bool = False
    filters: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def modern_words(words: Sequence[str], where: str, found: Findings) -> tuple[str, ...]:
    """Rewrite the old flags; words without any of them come back as they are."""
    old = _parted(words)
    if old.repository is None and not old.dangling:
        return tuple(words)
    if old.repository is None:
        wanted = "--untagged-only in its place (with --filter 'repository:.*' for one repository)"
        found.wrong(f"{where}, --dangling", "a flag of 2019 without --repository", wanted)
        return tuple(words)
    pattern = _filter(old, where, found)
    only = ("--untagged-only",) if old.dangling else ()
    modern = (*only, "--filter", pattern, *old.rest)
    found.note(f"{where}: a line of 2019, read as {shlex.join(('acr', 'purge', *modern))}")
    if not old.dangling:
        found.note(
            f"{where}: in 2019 untagged manifests went as well, whatever their age; add"
            " `untagged: {older_than: ...}` if they shall still go"
        )
    return modern


def _parted(words: Sequence[str]) -> _Old:
    old = _Old()
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name == "--repository":
            old.repository = value if equals else next(rest, "")
        elif name == "--dangling":
            old.dangling = not equals or value.lower() in {"1", "t", "true"}
        elif name in _FILTERS:
            old.filters.append(value if equals else next(rest, ""))
        else:
            old.rest.append(word)
    return old


def _filter(old: _Old, where: str, found: Findings) -> str:
    """Join the repository, literally, and the last filter, which is the one that counted."""
    repository = old.repository or ""
    try:
        parse_repository(repository)
    except ValueError as error:
        found.wrong(f"{where}, --repository", shown(repository), str(error))
    tags = old.filters[-1] if old.filters and not old.dangling else ".*"
    if ":" in tags:
        wanted = "'repository:tags' in --filter, and no --repository"
        found.wrong(f"{where}, --repository", f"both, with {shown(tags)}", wanted)
    literal = repository.replace(".", "\\.")
    return f"{literal}:{tags}"
