"""A policy as a document: exactly, or with notes where an ``acr purge`` line says more."""

import re
from collections.abc import Iterator
from typing import Final

from purge_core.durations import format_duration
from purge_core.policies.match_all import takes_everything
from purge_core.policies.pattern_syntax import Kind, outside_groups, tokens
from purge_core.policies.patterns import DEFAULT_TIMEOUT, Anchoring, Pattern
from purge_core.policies.policy import (
    Dialect,
    Example,
    Limits,
    Policy,
    Protection,
    Rule,
    Selector,
    Target,
    Untagged,
    UsedList,
)

Values = dict[str, object]

_FLAGS: Final = re.compile(r"\(\?([ims]*(?:-[ims]+)?)\)")


def policy_document(policy: Policy) -> tuple[Values, tuple[str, ...]]:
    """Write ``policy`` as a document, with notes on what the document does otherwise.

    A policy that came from a document is written exactly: reading it gives an equal one,
    and there are no notes.
    """
    document: Values = {"version": 1}
    if policy.registries:
        document["registries"] = list(policy.registries)
    document["rules"] = [entry for rule in policy.rules for entry in _rules(rule)]
    if policy.untagged is not None:
        document["untagged"] = _untagged(policy.untagged)
    if policy.protect or policy.in_use:
        named = [_protection(entry) for entry in policy.protect]
        document["protect"] = named + [_used_list(entry) for entry in policy.in_use]
    document["limits"] = _limits(policy.limits)
    if policy.include_locked:
        document["include_locked"] = True
    if policy.examples:
        document["examples"] = list(map(_example, policy.examples))
    if (seconds := _timeout(policy)) != DEFAULT_TIMEOUT:
        document["match_timeout"] = seconds
    return document, tuple(_notes(policy))


def whole_text(pattern: Pattern) -> str:
    """Write a pattern so that covering the whole name means what ``pattern`` means.

    ``rc`` anywhere is ``.*rc.*``, ``^1|2$`` is ``.*(?:^1|2$).*``, ``^v1$`` is ``v1``.
    """
    if pattern.anchoring is Anchoring.WHOLE:
        return pattern.text
    text = pattern.text
    if flags := _FLAGS.match(text):
        text = f"(?{flags[1]}:{text[flags.end() :]})"
    if outside_groups(text, "|"):
        return f".*(?:{text}).*"
    parts = list(tokens(text))
    opened = parts[0].text == "^" and (len(parts) == 1 or parts[1].kind is not Kind.REPEAT)
    closed = parts[-1].text == "$"
    inner = [part.text for part in parts[opened : len(parts) - closed]]
    if not inner and opened and closed:
        return text
    head = "" if opened or inner[:2] == [".", "*"] else ".*"
    tail = "" if closed or inner[-2:] == [".", "*"] else ".*"
    return head + "".join(inner) + tail


def _rules(rule: Rule) -> list[Values]:
    """Write one rule for each selector; names stay unique."""
    if len(rule.selectors) == 1:
        return [_rule(rule, rule.selectors[0], rule.name)]
    return [_rule(rule, s, f"{rule.name} {i}") for i, s in enumerate(rule.selectors, 1)]


def _rule(rule: Rule, selector: Selector, name: str) -> Values:
    values = {"name": name, **_selector(selector), "older_than": format_duration(rule.older_than)}
    if rule.keep_newest:
        values["keep_newest"] = rule.keep_newest
    if rule.target is not Target.TAGS:
        values["target"] = rule.target.value
    if rule.allow_empty:
        values["allow_empty"] = True
    if takes_everything(rule.older_than, rule.keep_newest, str(values["tags"])):
        values["unsafe_match_all"] = True
    return values


def _selector(selector: Selector) -> Values:
    return {
        "repositories": whole_text(selector.repositories),
        "tags": whole_text(selector.tags),
    }


def _untagged(untagged: Untagged) -> Values:
    values: Values = {"older_than": format_duration(untagged.older_than)}
    if untagged.keep_newest:
        values["keep_newest"] = untagged.keep_newest
    if untagged.orphans:
        values["orphans"] = True
    if untagged.repositories:
        patterns = [whole_text(pattern) for pattern in untagged.repositories]
        values["repositories"] = patterns if len(patterns) > 1 else patterns[0]
    return values


def _protection(entry: Protection) -> Values:
    return {"name": entry.name, **_selector(entry.selector)}


def _used_list(entry: UsedList) -> Values:
    return {"in_use": entry.source, "max_age": format_duration(entry.max_age)}


def _example(example: Example) -> Values:
    values: Values = {"repository": example.repository, "tag": example.tag}
    values |= {"age": format_duration(example.age), "expect": example.expect.value}
    return values | ({"newer": example.newer} if example.newer else {})


def _limits(limits: Limits | None) -> Values | None:
    if limits is None:
        return None
    return {
        "max_deletions": limits.max_deletions,
        "max_delete_share": limits.max_delete_share,
    }


def _timeout(policy: Policy) -> float:
    """Find the time limit of the patterns: a document has one for all."""
    selectors = [s for rule in policy.rules for s in rule.selectors]
    selectors += [entry.selector for entry in policy.protect]
    patterns = [pattern for s in selectors for pattern in (s.repositories, s.tags)]
    patterns += policy.untagged.repositories if policy.untagged else ()
    return max((pattern.timeout for pattern in patterns), default=DEFAULT_TIMEOUT)


def _notes(policy: Policy) -> Iterator[str]:
    """Say where the document does something else than the ``acr purge`` line."""
    if policy.dialect is not Dialect.ACR_PURGE:
        return
    if policy.rules:
        yield from _rule_notes(policy)
    yield "A signature tag goes with its image here, whether or not a filter matches it."
    if policy.untagged is None:
        yield "A tag whose manifest the registry does not list stays here."
    else:
        yield "What an index lists that belongs to an image goes with it here, not a run later."
        yield "Orphaned ORAS artifacts stay here unless untagged has orphans: true."
        if policy.untagged.keep_newest:
            yield "keep_newest of untagged counts whole images; --keep counts single manifests."
    if policy.limits is None:
        yield "No limits apply, as with acr purge; without 'limits: null' the usual ones do."


def _rule_notes(policy: Policy) -> Iterator[str]:
    if any(rule.keep_newest for rule in policy.rules):
        yield (
            "keep_newest counts the newest images of all that a rule matches; --keep counts"
            " only tags that are old enough to go, and so keeps more."
        )
        if any(len(rule.selectors) > 1 for rule in policy.rules):
            yield "Each rule keeps its own newest; the filters of one line share one count."
    if not policy.include_locked:
        yield "A tag of a locked manifest stays here; acr purge deletes the tag."
