"""A policy document as a policy: checked as a whole, every problem told at once."""

from typing import Final

from pydantic import ValidationError

from purge_core.durations import parse_duration
from purge_core.errors import PolicyError
from purge_core.model import RepositoryName, TagName
from purge_core.policies.document_model import (
    ExampleModel,
    InUseModel,
    LimitsModel,
    PolicyModel,
    ProtectModel,
    RuleModel,
)
from purge_core.policies.document_problems import (
    default_name,
    misfits,
    misjudged,
    oversights,
)
from purge_core.policies.pattern_syntax import checked_pattern
from purge_core.policies.patterns import Pattern
from purge_core.policies.policy import (
    Example,
    Fate,
    Limits,
    Policy,
    Protection,
    Rule,
    Selector,
    Target,
    Untagged,
    UsedList,
)
from purge_core.policies.yaml_text import Document, read_yaml

_ANY_SHARE: Final = 1.0


def parse_policy_document(text: str) -> Policy:
    """Read a policy from YAML or JSON text.

    Raises:
        PolicyError: with all problems, each with its path and line.

    """
    return _policy(read_yaml(text))


def policy_from(document: object) -> Policy:
    """Read a policy from plain values, such as parsed JSON.

    Raises:
        PolicyError: with all problems, each with its path.

    """
    return _policy(Document(document, {}))


def policy_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of policy documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyModel.model_json_schema(),
    }


def _policy(document: Document) -> Policy:
    try:
        model = PolicyModel.model_validate(document.value)
    except ValidationError as error:
        raise PolicyError([*misfits(error, document), *oversights(document)]) from None
    policy = _policy_of(model)
    if problems := [*oversights(document), *misjudged(policy, document)]:
        raise PolicyError(problems)
    return policy


def _policy_of(model: PolicyModel) -> Policy:
    seconds = model.match_timeout
    return Policy(
        rules=tuple(_rule(rule, i, seconds) for i, rule in enumerate(model.rules)),
        untagged=_untagged(model, seconds),
        protect=tuple(
            _protection(entry, index, seconds)
            for index, entry in enumerate(model.protect)
            if isinstance(entry, ProtectModel)
        ),
        limits=_limits(model.limits),
        include_locked=model.include_locked,
        registries=tuple(model.registries),
        in_use=tuple(
            UsedList(entry.in_use, parse_duration(entry.max_age))
            for entry in model.protect
            if isinstance(entry, InUseModel)
        ),
        examples=tuple(map(_example, model.examples)),
    )


def _pattern(text: str, seconds: float) -> Pattern:
    return checked_pattern(text, timeout=seconds)


def _selector(entry: RuleModel | ProtectModel, seconds: float) -> Selector:
    return Selector(_pattern(entry.repositories, seconds), _pattern(entry.tags, seconds))


def _rule(rule: RuleModel, index: int, seconds: float) -> Rule:
    return Rule(
        name=rule.name or default_name("rule", index),
        selectors=(_selector(rule, seconds),),
        older_than=parse_duration(rule.older_than),
        keep_newest=rule.keep_newest,
        target=Target(rule.target),
        allow_empty=rule.allow_empty,
    )


def _protection(entry: ProtectModel, index: int, seconds: float) -> Protection:
    return Protection(entry.name or default_name("protection", index), _selector(entry, seconds))


def _example(entry: ExampleModel) -> Example:
    return Example(
        RepositoryName(entry.repository),
        TagName(entry.tag),
        parse_duration(entry.age),
        Fate(entry.expect),
        entry.newer,
    )


def _untagged(model: PolicyModel, seconds: float) -> Untagged | None:
    if "untagged" not in model.model_fields_set:
        return None
    untagged = model.untagged
    return Untagged(
        older_than=parse_duration(untagged.older_than),
        keep_newest=untagged.keep_newest,
        orphans=untagged.orphans,
        repositories=tuple(_pattern(text, seconds) for text in untagged.repositories),
    )


def _limits(limits: LimitsModel | None) -> Limits | None:
    if limits is None:
        return None
    share = limits.max_delete_share
    return Limits(limits.max_deletions, _ANY_SHARE if share is None else share)
