"""An imported policy as text: a document, or the line itself where a document would differ.

Without ``--keep`` a document takes what its line takes, but for what its comments say. With
it a document counts otherwise, and may delete what the line keeps: then the line stands.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from purge_core.errors import PolicyError, Problem
from purge_core.policies.importing.imported import Imported
from purge_core.policies.policy import Policy
from purge_core.policies.writer import policy_document
from purge_core.policies.yaml_text import write_yaml


class Form(Enum):
    """How a policy is written."""

    YAML = "yaml"
    JSON = "json"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Written:
    """The text, which is a policy (or one in each line), and what a person should know."""

    text: str
    notes: tuple[str, ...]


def written(imported: Imported, form: Form | None = None) -> Written:
    """Write a policy; without a ``form`` in the one that takes no more than the lines.

    Raises:
        PolicyError: no one policy is that.

    """
    match form or _careful_form(imported):
        case Form.LINE:
            text = "".join(f"{line}\n" for line in imported.lines)
            return Written(text, (*imported.notes, *_of_lines(imported, asked=form is not None)))
        case Form.JSON:
            document, notes = policy_document(imported.policy)
            text = json.dumps(document, indent=2) + "\n"
            return Written(text, (*imported.notes, *notes, *_of_document(imported)))
        case Form.YAML:
            document, notes = policy_document(imported.policy)
            notes = (*imported.notes, *notes, *_of_document(imported))
            made = [f"Made of: {line}" for line in imported.lines]
            comments = [" ".join(text.split()) for text in (*made, *notes)]
            return Written(write_yaml(document, comments), notes)
        case other:
            assert_never(other)


def _careful_form(imported: Imported) -> Form:
    if not _counts(imported.policy):
        return Form.YAML
    if len(imported.lines) > 1:
        wanted = (
            "one line: import each by itself (`-o line` writes them), or `-o yaml` for one"
            " document, which counts otherwise and says how"
        )
        raise PolicyError([Problem("--keep", f"{len(imported.lines)} lines", wanted)])
    return Form.LINE


def _counts(policy: Policy) -> bool:
    """Whether anything is kept by its number, which a document counts otherwise."""
    untagged = policy.untagged is not None and policy.untagged.keep_newest > 0
    return untagged or any(rule.keep_newest for rule in policy.rules)


def _of_lines(imported: Imported, *, asked: bool) -> Iterator[str]:
    if len(imported.lines) > 1:
        yield (
            f"{len(imported.lines)} lines: each is a policy by itself, and a policy is only one of"
            " them; `-o yaml` makes one document of all."
        )
    elif not asked:
        yield (
            "This is the line itself, which may stand wherever a policy may: a document counts"
            " otherwise than --keep and may delete what it keeps. `-o yaml` writes the document."
        )


def _of_document(imported: Imported) -> Iterator[str]:
    if _counts(imported.policy):
        yield (
            "So this document may delete what the line keeps. The line itself is a policy, too,"
            " and keeps exactly that: `-o line` writes it."
        )
