"""What is wrong with a policy document, in plain words and with its place.

pydantic finds what does not fit the model; this module words it, and adds what no single
value shows: names that stand twice, and a rule that takes nearly everything by accident.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from purge_core.durations import format_duration, parse_duration
from purge_core.errors import PolicyError, Problem
from purge_core.policies.document_model import (
    IN_USE,
    ExampleModel,
    InUseModel,
    LimitsModel,
    PolicyModel,
    ProtectModel,
    RuleModel,
    UntaggedModel,
    kind_of_protection,
)
from purge_core.policies.examples import foresee
from purge_core.policies.match_all import takes_everything
from purge_core.policies.policy import Example, Fate, Policy
from purge_core.policies.yaml_text import ROOT, Document, step
from purge_core.wording import shown

_EXPECTED: Final = {
    "version": "1",
    "registries": "a list of registries such as contoso.azurecr.io",
    "rules": "a list of rules",
    "name": "a name",
    "repositories": "a pattern such as .* or team/.*",
    "tags": "a pattern such as .* or pr-.*",
    "older_than": "a duration such as 7d, 12h or 1d12h (0d for any age)",
    "keep_newest": "a whole number from 0 to 1000000000",
    "target": "tags or images",
    "allow_empty": "true or false",
    "unsafe_match_all": "true or false",
    "untagged": "a mapping with older_than",
    "orphans": "true or false",
    "protect": "a list of protections, such as {tags: latest}",
    "in_use": "a file or an https URL",
    "max_age": "a duration such as 1d or 6h, longer than 0",
    "limits": "a mapping with max_deletions or max_delete_share, or null for no limits",
    "max_deletions": "a whole number from 0 to 1000000000",
    "max_delete_share": "a number from 0 to 1, or null for any share",
    "examples": "a list of examples, such as {repository: a, tag: b, age: 9d, expect: keep}",
    "repository": "the name of a repository, such as shop/cart",
    "tag": "a tag, such as 1.4.2 or pr-17, in quotes where it looks like a number",
    "age": "a duration such as 7d, 12h or 1d12h",
    "expect": "keep or delete",
    "newer": "a whole number from 0 to 1000000000",
    "include_locked": "true or false",
    "match_timeout": "a number of seconds, more than 0 and at most 3600",
}
_ITEMS: Final = {
    "registries": "a registry such as contoso.azurecr.io",
    "rules": "a mapping with repositories, tags and older_than",
    "protect": "a mapping with repositories or tags, or with in_use",
    "repositories": "a pattern such as .* or team/.*",
    "examples": "a mapping with repository, tag, age and expect",
}
_WITHOUT_EFFECT: Final[Mapping[tuple[str | int, ...], str]] = {
    ("untagged", "allow_empty"): "allow_empty in a rule, or nothing: only rules take the last"
    " tagged image, so here it never had an effect",
}
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "rules": RuleModel,
    "untagged": UntaggedModel,
    "limits": LimitsModel,
    "examples": ExampleModel,
}


def misfits(error: ValidationError, document: Document) -> Iterator[Problem]:
    """Word what pydantic found, in its order."""
    for details in error.errors(include_url=False):
        unknown = details["type"] == "extra_forbidden"
        location, model = _location(details["loc"])
        path, found = _place(document, location, "an unknown key" if unknown else None)
        yield Problem(path, found, _expected(details, location, model))


def _location(found: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], type[BaseModel]]:
    """Give the place in the document, and the model of the mapping that it is in.

    pydantic adds to the place of a protection which of the two kinds it took it for.
    """
    if len(found) < 2 or found[0] != "protect":  # noqa: PLR2004 - a key, then an index
        return found, _MODELS.get(str(found[0]), PolicyModel) if found[1:] else PolicyModel
    return (*found[:2], *found[3:]), InUseModel if IN_USE in found[2:3] else ProtectModel


def oversights(document: Document) -> Iterator[Problem]:
    """Find what is wrong though each value by itself may be right; never fails."""
    yield from _repeated_names(document, "rules", "rule")
    yield from _repeated_names(document, "protect", "protection")
    for index, rule in _mappings(_top(document).get("rules")):
        yield from _takes_everything(document, index, rule)


def misjudged(policy: Policy, document: Document) -> Iterator[Problem]:
    """Find the examples of ``document`` of which ``policy``, made from it, makes something else."""
    for index, example in enumerate(policy.examples):
        try:
            foreseen = foresee(policy, example)
        except PolicyError as error:
            yield from error.problems
            continue
        if foreseen.fate is not example.expect:
            path, found = _place(document, ("examples", index, "expect"))
            becomes = f"{_becomes(example, foreseen.fate)}: {foreseen.because}"
            yield Problem(path, f"{found}, but {becomes}", f"{foreseen.fate.value}, or other rules")


def _becomes(example: Example, fate: Fate) -> str:
    name = shown(f"{example.repository}:{example.tag}")
    becomes = "stays" if fate is Fate.KEEP else "goes"
    return f"{name} at {format_duration(example.age)} {becomes}"


def _top(document: Document) -> Mapping[str, object]:
    return document.value if isinstance(document.value, dict) else {}


def default_name(kind: str, index: int) -> str:
    """Name a rule or protection that has no name; ``index`` counts from 0."""
    return f"{kind} {index + 1}"


def _mappings(entries: object) -> list[tuple[int, dict[str, object]]]:
    items = entries if isinstance(entries, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]


def _repeated_names(document: Document, key: str, kind: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, entry in _mappings(_top(document).get(key)):
        if key == "protect" and kind_of_protection(entry) == IN_USE:
            continue
        name = entry.get("name", default_name(kind, index))
        if isinstance(name, str) and name in seen:
            path, found = _place(document, (key, index, "name"))
            other = f"{key}[{seen[name]}] is called {shown(name)} too"
            yield Problem(path, found, f"a name of its own ({other})")
        elif isinstance(name, str):
            seen[name] = index


def _takes_everything(
    document: Document, index: int, rule: Mapping[str, object]
) -> Iterator[Problem]:
    tags, older_than = rule.get("tags"), rule.get("older_than")
    keep = rule.get("keep_newest", 0)
    if rule.get("unsafe_match_all") is True or keep != 0:
        return
    if not isinstance(tags, str) or not isinstance(older_than, str):
        return
    try:
        span = parse_duration(older_than)
    except ValueError:
        return
    if takes_everything(span, 0, tags):
        path, found = _place(document, ("rules", index, "tags"))
        yield Problem(
            path,
            f"{found}, which is every tag, with keep_newest 0 and older_than {older_than}",
            "keep_newest of 1 or more, older_than of 30d or more, or unsafe_match_all: true",
        )


# --- wording ---------------------------------------------------------------------


def _place(
    document: Document, location: Sequence[str | int], found: str | None = None
) -> tuple[str, str]:
    """Follow ``location`` as far as it goes: the path, and what stands there (or ``found``)."""
    path, value = "", document.value
    for key in location:
        if isinstance(value, dict) and isinstance(key, str):
            if key not in value:
                return step(path, key), "nothing"
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int):
            value = value[key]
        else:
            break
        path = step(path, key)
    line = document.lines.get(path)
    return path or ROOT, (found or _described(value)) + (f" (line {line})" if line else "")


def _described(value: object) -> str:
    """Call a value by what people see."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return str(value) if isinstance(value, int | float) else f"a {type(value).__name__}"


def _expected(details: ErrorDetails, location: Sequence[str | int], model: type[BaseModel]) -> str:
    """Say what would be right: in the words of our own check, or of the field."""
    if details["type"] == "value_error":
        return str(details["ctx"]["error"])
    if details["type"] == "extra_forbidden":
        return _known_keys(location, model)
    if not location:
        return "a mapping with version: 1 and rules"
    last = location[-1]
    if isinstance(last, int):
        return _ITEMS[str(location[-2])]
    several = location[0] == "untagged" and last == "repositories"
    return "a pattern, or a list of at least one" if several else _EXPECTED[last]


def _known_keys(location: Sequence[str | int], model: type[BaseModel]) -> str:
    """Say which key was meant, or which there are."""
    if (instead := _WITHOUT_EFFECT.get(tuple(location))) is not None:
        return instead
    close = get_close_matches(str(location[-1]), model.model_fields, n=1)
    return close[0] if close else f"one of {', '.join(model.model_fields)}"
