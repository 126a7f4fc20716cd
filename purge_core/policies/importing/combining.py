"""Several lines as one policy that takes no more than they take one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from purge_core.policies.importing.findings import Findings
from purge_core.policies.importing.lines import ReadLine
from purge_core.policies.policy import Policy, Rule, Untagged


def combined(lines: Sequence[ReadLine], found: Findings) -> Policy:
    """Join the policies of lines, of which there is at least one.

    The first rule that matches a tag owns it, so the rules come youngest threshold first:
    without ``--keep`` that takes exactly what the lines take together, with it less.
    """
    _require_unconditional(lines, found)
    policies = _different(lines)
    if len(policies) == 1:
        return policies[0]
    _require_equal(lines, found)
    rules = sorted(_named(policies), key=lambda rule: (rule.older_than, rule.keep_newest))
    if any(rule.keep_newest for rule in rules):
        found.note("a rule counts only tags that no rule before it owns; the lines count all")
    untagged = [policy.untagged for policy in policies if policy.untagged is not None]
    return replace(policies[0], rules=tuple(rules), untagged=_untagged(untagged, found))


def _different(lines: Sequence[ReadLine]) -> list[Policy]:
    """Drop the lines that say what another one says."""
    return list(dict.fromkeys(line.policy for line in lines))


def _require_unconditional(lines: Sequence[ReadLine], found: Findings) -> None:
    """Refuse lines that perhaps do not run: the policy would take what they do not."""
    certain = {line.policy for line in lines if line.doubt is None}
    for line in lines:
        if line.doubt is not None and line.policy not in certain:
            wanted = "lines that all run: import those of each case by themselves"
            found.wrong(line.where, line.doubt, wanted)


def _require_equal(lines: Sequence[ReadLine], found: Findings) -> None:
    """Refuse lines that one policy cannot hold together."""
    where = f"{lines[0].where} to {lines[-1].where}"
    if len({line.policy.registries for line in lines}) > 1:
        named = ", ".join(sorted({", ".join(line.policy.registries) or "-" for line in lines}))
        wanted = "one registry: import the lines of each registry by themselves"
        found.wrong(where, f"different registries ({named})", wanted)
    if len({line.policy.include_locked for line in lines}) > 1:
        wanted = "all or none of the lines with it: import them by themselves"
        found.wrong(where, "--include-locked in some lines", wanted)


def _named(policies: Sequence[Policy]) -> Iterator[Rule]:
    """Name the rule of each line by the place of the line among them."""
    for number, policy in enumerate(policies, 1):
        yield from (replace(rule, name=f"line {number}") for rule in policy.rules)


def _untagged(parts: Sequence[Untagged], found: Findings) -> Untagged | None:
    """Join what the lines do with untagged manifests: a document says it once."""
    needed = [
        part
        for index, part in enumerate(parts)
        if not any(_does_more(other, part) for other in (*parts[:index], *parts[index + 1 :]))
        and part not in parts[:index]
    ]
    if len({(part.older_than, part.keep_newest) for part in needed}) > 1:
        wanted = "one age and one --keep for untagged manifests: import the lines by themselves"
        found.wrong("--untagged", "lines that treat untagged manifests differently", wanted)
    if not needed:
        return None
    if not all(part.repositories for part in needed):
        return replace(needed[0], repositories=())
    patterns = dict.fromkeys(pattern for part in needed for pattern in part.repositories)
    return replace(needed[0], repositories=tuple(patterns))


def _does_more(one: Untagged, other: Untagged) -> bool:
    """Whether ``one`` takes everything that ``other`` takes, and they are not equal."""
    younger = one.older_than <= other.older_than and one.keep_newest <= other.keep_newest
    everywhere = not one.repositories
    wider = everywhere or (
        bool(other.repositories) and set(one.repositories) >= set(other.repositories)
    )
    return one != other and younger and wider
