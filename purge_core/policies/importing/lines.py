"""A found command line as a policy: references replaced, old flags made modern, all checked."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from purge_core.errors import PolicyError, Problem
from purge_core.policies.acr_command import AcrCommand, read_acr_words
from purge_core.policies.acr_filter import wildcard_hint
from purge_core.policies.importing.findings import Findings, FoundLine
from purge_core.policies.importing.old_flags import modern_words
from purge_core.policies.importing.variables import (
    Values,
    expanded,
    is_run_registry,
    references,
    wanted_value,
)
from purge_core.policies.match_all import matches_all_kinds
from purge_core.policies.policy import Policy
from purge_core.registry_names import parse_registry
from purge_core.wording import shown

_REGISTRY: Final = ("--registry", "-r")
_EVERYTHING: Final = frozenset({".*", "^.*", ".*$", "^.*$"})
"""Plain ways to say every tag."""

_ODD: Final = re.compile(r"""['"\s]|[^\x00-\x7f]""")
_OF_CMD: Final = re.compile(r"%\w[^%\s]*%|%+\w*|!\w+!")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line that was understood; ``text`` is it in today's form, quoted for a shell."""

    policy: Policy
    command: AcrCommand
    text: str
    where: str
    doubt: str | None = None


def read_line(line: FoundLine, given: Values, found: Findings) -> ReadLine | None:
    """Understand one line; ``None``: it has problems, which are noted with their place."""
    before = len(found.problems)
    words = [expanded(word, given, line.reasons) for word in line.words]
    words = list(_without_registry(words, line, found))
    for word in words:
        _require_no_reference(word, line, found)
    if len(found.problems) > before:
        return None
    modern = modern_words(words, line.where, found)
    if len(found.problems) > before:
        return None
    try:
        command, policy = read_acr_words(modern)
    except PolicyError as error:
        found.problems.extend(_placed(problem, line.where) for problem in error.problems)
        return None
    _note_wildcards(policy, line.where, found)
    _note_odd(policy, line.where, found)
    policy = _with_registry(policy, line, given, found)
    bound = ("--registry", *policy.registries) if policy.registries else ()
    own = bound if command.registry is None else ()
    text = shlex.join(("acr", "purge", *modern, *own))
    return ReadLine(policy, command, text, line.where, line.doubt)


def _note_wildcards(policy: Policy, where: str, found: Findings) -> None:
    """Warn of ``v*``, which as an expression matches every tag, and of ``team/*``."""
    for repositories in {s.repositories.text for rule in policy.rules for s in rule.selectors}:
        if (hint := wildcard_hint(repositories)) is not None:
            found.note(f"{where}: {hint}")
    for tags in (s.tags for rule in policy.rules for s in rule.selectors):
        if tags.text not in _EVERYTHING and tags.matches("") and matches_all_kinds(tags):
            found.note(
                f"{where}: the tags {shown(tags.text)} are an expression, not a wildcard, and"
                " match every tag"
            )


def _note_odd(policy: Policy, where: str, found: Findings) -> None:
    """Warn of what no name holds: quotes that no shell has taken off, odd spaces."""
    selectors = [selector for rule in policy.rules for selector in rule.selectors]
    for pattern in (p for s in selectors for p in (s.repositories, s.tags)):
        if odd := _ODD.findall(pattern.text):
            told = ", ".join(dict.fromkeys(map(ascii, odd)))
            found.note(
                f"{where}: {shown(pattern.text)} holds {told}, which no repository and no tag has"
            )


def _placed(problem: Problem, where: str) -> Problem:
    return replace(problem, path=f"{where}, {problem.path}")


def _without_registry(words: Sequence[str], line: FoundLine, found: Findings) -> Iterator[str]:
    """Leave out ``--registry`` where its value is known only when the task runs."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in _REGISTRY:
            yield word
            continue
        value = value if equals else next(rest, "")
        if not any(True for _ in references(value)):
            yield from (name, value)
        elif line.registry is None or not is_run_registry(value):
            _note_registry(value, line.where, found)


def _note_registry(text: str, where: str, found: Findings) -> None:
    own = "the registry that the task runs in" if is_run_registry(text) else "known only there"
    found.note(
        f"{where}: the registry {shown(text)} is {own}: name yours with --registry,"
        " PURGE_REGISTRIES or `registries:`"
    )


def _require_no_reference(word: str, line: FoundLine, found: Findings) -> None:
    for name, written in references(word):
        problem = Problem(line.where, shown(written), wanted_value(name, line.reasons))
        if problem not in found.problems:
            found.problems.append(problem)
    if (of_cmd := _OF_CMD.search(word)) is not None:
        found.wrong(line.where, shown(of_cmd[0]), "its value: variables of cmd are not followed")


def _with_registry(policy: Policy, line: FoundLine, given: Values, found: Findings) -> Policy:
    """Bind a policy to the registry of the command around the line."""
    if policy.registries or line.registry is None:
        return policy
    name = expanded(line.registry, given)
    if any(True for _ in references(name)):
        _note_registry(name, line.where, found)
        return policy
    try:
        return replace(policy, registries=(parse_registry(name),))
    except ValueError as error:
        found.wrong(f"{line.where}, --registry", shown(name), str(error))
        return policy
