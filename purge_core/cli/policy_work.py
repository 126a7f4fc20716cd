"""What the commands of ``policy`` do, apart from reading their options."""

import json
from collections.abc import Iterator

from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.policies import find_policy, warn_of_notes
from purge_core.cli.requests import environment
from purge_core.durations import format_duration
from purge_core.policies.document import policy_schema
from purge_core.policies.policy import Policy, Rule, Target, Untagged
from purge_core.policies.used_lists import source_shown
from purge_core.policies.writer import policy_document
from purge_core.policies.yaml_text import write_yaml
from purge_core.report.text import count, paragraph, quoted


def check_policy(text: str | None) -> int:
    """Read the policy and say in a few lines what it does."""
    source = find_policy(text, environment())
    warn_of_notes(source)
    console.say(_told(source.policy))
    return Exit.DONE


def show_policy(text: str | None, output: str) -> int:
    """Write the policy as a document; what the document does otherwise goes to stderr."""
    source = find_policy(text, environment())
    warn_of_notes(source)
    document, notes = policy_document(source.policy)
    if output == "json":
        console.emit([json.dumps(document, indent=2), "\n"])
    else:
        console.emit([write_yaml(document)])
    for note in notes:
        console.tell(f"note: {note}")
    return Exit.DONE


def print_schema() -> int:
    """Print the JSON Schema."""
    console.emit([json.dumps(policy_schema(), indent=2), "\n"])
    return Exit.DONE


def _told(policy: Policy) -> Iterator[str]:
    """Say what a policy does."""
    if policy.is_empty:
        yield "The policy is right, and deletes nothing: no rules and no `untagged`."
        return
    yield f"The policy is right: {count(len(policy.rules), 'rule')}."
    for rule in policy.rules:
        yield from paragraph(f"- {quoted(rule.name)}: {_rule(rule)}", "  ", "    ")
    if policy.untagged is not None:
        yield from paragraph(f"- untagged: {_untagged(policy.untagged)}", "  ", "    ")
    for protection in policy.protect:
        yield f"  - protects {quoted(protection.name)}"
    for used in policy.in_use:
        told = f"- protects what {source_shown(used.source)} names as in use"
        age = f", while it is no older than {format_duration(used.max_age)}"
        yield from paragraph(told + age, "  ", "    ")
    if policy.examples:
        number = len(policy.examples)
        yield f"  - {count(number, 'example')} as expected"
    if policy.limits is None:
        yield "  - without limits"
    else:
        limits = policy.limits
        yield f"  - at most {limits.max_deletions:,} deletions per run and a share of"
        yield f"    {limits.max_delete_share:g} of a repository's tags, and of its manifests"


def _rule(rule: Rule) -> str:
    what = "images whose tags are" if rule.target is Target.IMAGES else "tags"
    selectors = " or ".join(
        f"{quoted(s.tags.text)} in {quoted(s.repositories.text)}" for s in rule.selectors
    )
    keep = f", but the newest {rule.keep_newest:,}" if rule.keep_newest else ""
    return f"{what} {selectors}, older than {format_duration(rule.older_than)}{keep}"


def _untagged(untagged: Untagged) -> str:
    where = " or ".join(quoted(p.text) for p in untagged.repositories) or "every repository"
    keep = f", but the newest {untagged.keep_newest:,}" if untagged.keep_newest else ""
    orphans = ", orphans too" if untagged.orphans else ""
    age = format_duration(untagged.older_than)
    return f"manifests without a tag in {where}, older than {age}{keep}{orphans}"
