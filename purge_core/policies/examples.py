"""What a policy makes of one imagined image: the examples that a document may hold.

It is what the judgement makes of a repository that holds this image and the newer ones;
a law ties the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from purge_core.durations import format_duration
from purge_core.policies.policy import Example, Fate, Policy, Rule
from purge_core.wording import shown


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of the image of an example, and why, in words."""

    fate: Fate
    because: str


def foresee(policy: Policy, example: Example) -> Foreseen:
    """Say what a policy document makes of an example.

    Raises:
        PolicyError: a pattern exceeded its time limit.

    """
    rules = (r for r in policy.rules if r.matches(example.repository, example.tag))
    rule = next(rules, None)
    if rule is None:
        return Foreseen(Fate.KEEP, "no rule selects it")
    if hindrances := [*_protections(policy, example), *_hindrances(rule, example)]:
        return Foreseen(Fate.KEEP, " and ".join(hindrances))
    return Foreseen(Fate.DELETE, f"rule {shown(rule.name)} selects it")


def _protections(policy: Policy, example: Example) -> Iterator[str]:
    for entry in policy.protect:
        selector = entry.selector
        covers = selector.repositories.matches(example.repository)
        if covers and selector.tags.matches(example.tag):
            yield f"protection {shown(entry.name)} covers it"


def _hindrances(rule: Rule, example: Example) -> Iterator[str]:
    name = f"rule {shown(rule.name)}"
    if example.age <= rule.older_than:
        yield f"{name} takes only what is older than {format_duration(rule.older_than)}"
    if example.newer < rule.keep_newest:
        yield f"{name} keeps the newest {rule.keep_newest:,} (newer: {example.newer:,})"
