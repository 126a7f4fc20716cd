"""A plan as it is stored: one JSON document that is read back strictly, or refused.

It holds all that carrying it out needs: the registry, the instant of the judgement, the
whole policy, and for each repository the sealed plan with the reasons of what goes. A
fingerprint over all of it shows whether anything was altered since.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from purge_core.errors import InputError, PlanRefused, Problem
from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions, Delete
from purge_core.judgement.reasons import DeleteReason
from purge_core.model import Manifest, RepositoryName, RepositorySnapshot, TagName
from purge_core.plans.plan import PurgePlan, hash_lines
from purge_core.policies.policy import Policy
from purge_core.wire import JsonObject, Schemas, codec_of, read_value, write_value
from purge_core.wording import shown

FORMAT: Final = "acr-purge plan 1"
"""Names the kind and the version of a document."""

_WANTED: Final = "a plan as `acr-purge plan --out FILE` writes it"


@dataclass(frozen=True, slots=True)
class GoingTag:
    """A tag that goes, and why."""

    name: TagName
    reasons: tuple[DeleteReason, ...]


@dataclass(frozen=True, slots=True)
class GoingManifest:
    """A manifest that goes, as it was listed, and why."""

    manifest: Manifest
    reasons: tuple[DeleteReason, ...]


@dataclass(frozen=True, slots=True)
class RepositoryPlan:
    """What goes in one repository: the plan, and the reasons behind it."""

    plan: PurgePlan
    tags: tuple[GoingTag, ...]
    manifests: tuple[GoingManifest, ...]

    @classmethod
    def of(
        cls, plan: PurgePlan, snapshot: RepositorySnapshot, decisions: Decisions
    ) -> "RepositoryPlan":
        """Keep of a judgement what concerns the plan."""
        listed = {m.digest: m for m in snapshot.manifests or ()}
        verdicts = decisions.tags.items()
        return cls(
            plan,
            tuple(GoingTag(name, v.reasons) for name, v in verdicts if isinstance(v, Delete)),
            tuple(
                GoingManifest(listed[digest], v.reasons)
                for digest, v in decisions.manifests.items()
                if isinstance(v, Delete)
            ),
        )

    @property
    def decisions(self) -> Decisions:
        """The verdicts on all that goes; what stays was not stored."""
        return Decisions(
            self.plan.repository,
            {tag.name: Delete(tag.reasons) for tag in self.tags},
            {going.manifest.digest: Delete(going.reasons) for going in self.manifests},
        )


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """The plans of a run over one registry, judged at ``now`` by ``policy``."""

    registry: str
    now: Instant
    policy: Policy
    repositories: tuple[RepositoryPlan, ...]
    fingerprint: str = ""

    def sealed(self) -> "StoredPlan":
        """Give the plan with its fingerprint."""
        return replace(self, fingerprint=_fingerprint(self))

    def require_seal(self) -> None:
        """Check that nothing was altered since the plan was stored.

        Raises:
            PlanRefused: the fingerprint is not that of the contents.

        """
        if self.fingerprint != _fingerprint(self):
            raise PlanRefused("the plan was altered after it was made; make a new one")
        for each in self.repositories:
            each.plan.require_seal()


def write_plan(stored: StoredPlan) -> Iterator[str]:
    """Give the document in pieces, so that a long one never stands in memory as a whole."""
    head = write_head(stored)
    yield json.dumps(head, indent=1)[: -len("\n}")] + ',\n "repositories": ['
    for number, each in enumerate(stored.repositories):
        yield ",\n  " if number else "\n  "
        yield from _repository(each)
    yield "\n ]\n}\n"


def _repository(each: RepositoryPlan) -> Iterator[str]:
    plan = write_value(replace(each.plan, stages=()))
    del plan["stages"]
    yield f'{{"plan": {json.dumps(plan)[:-1]}, "stages": ['
    for number, stage in enumerate(each.plan.stages):
        yield ",\n    " if number else ""
        yield from _list(stage)
    yield ']}, "tags": '
    yield from _list(each.tags)
    yield ', "manifests": '
    yield from _list(each.manifests)
    yield "}"


def _list(values: Iterable[object]) -> Iterator[str]:
    """Write one value per line."""
    yield "["
    for number, value in enumerate(values):
        yield ",\n    " if number else ""
        yield json.dumps(write_value(value))
    yield "]"


def write_head(stored: StoredPlan) -> JsonObject:
    """Give all but the repositories."""
    whole: JsonObject = codec_of(StoredPlan).write(replace(stored, repositories=()))
    del whole["repositories"]
    return {"format": FORMAT} | whole


def read_plan(text: str) -> StoredPlan:
    """Read a document back.

    Raises:
        InputError: it is not such a document; with every problem and its path.
        PlanRefused: it was altered after it was written.

    """
    document = _parsed(text)
    found = document.pop("format", None)
    if found != FORMAT:
        what = shown(found) if isinstance(found, str) else "nothing of the kind"
        raise InputError([Problem("format", what, f"{FORMAT!r}: {_WANTED}")])
    stored = read_value(StoredPlan, document)
    _require_distinct(stored)
    stored.require_seal()
    return stored


def plan_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts: Schemas = {}
    codec_of(StoredPlan).schema(parts)
    body = parts.pop("StoredPlan")
    properties = {"format": {"const": FORMAT}} | body["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge plan",
        **body,
        "properties": properties,
        "required": list(properties),
        "$defs": parts,
    }


def _parsed(text: str) -> JsonObject:
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError([Problem("document", str(error)[:200], _WANTED)]) from None
    if not isinstance(document, dict):
        raise InputError([Problem("document", "no JSON object", _WANTED)])
    return document


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text}, which is not JSON")


def _require_distinct(stored: StoredPlan) -> None:
    seen: set[RepositoryName] = set()
    for number, each in enumerate(stored.repositories):
        name = each.plan.repository
        if name in seen:
            path = f"repositories[{number}].plan.repository"
            raise InputError([Problem(path, shown(name), "every repository once")])
        seen.add(name)


def _fingerprint(stored: StoredPlan) -> str:
    return hash_lines(_lines(stored))


def _lines(stored: StoredPlan) -> Iterator[str]:
    yield repr(replace(stored, repositories=(), fingerprint=""))
    for each in stored.repositories:
        yield each.plan.fingerprint
        for going in (*each.tags, *each.manifests):
            yield repr(going)
