"""The shapes of what is remembered of runs, as JSON Schema; written by ``report.records``."""

from typing import Final

from purge_core.judgement.guards import Refusal
from purge_core.judgement.reasons import DeleteReason, KeepReason
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.records.journal import Mode
from purge_core.records.losses import Check
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import ItemKind, Pending
from purge_core.records.store_records import Held, RepositoryState, RunState, Totals, Trigger
from purge_core.records.told import Told
from purge_core.report.run_schema import object_schema
from purge_core.wire import JsonObject, Schemas, codec_of

TIME: Final[JsonObject] = {"type": "string", "format": "date-time"}
TEXT: Final[JsonObject] = {"type": "string"}
COUNT: Final[JsonObject] = {"type": "integer", "minimum": 0}

RUN_OPTIONAL: Final = ("finished", "repositories", "sums", "held", "error", "told")
"""What not every run has."""
REPOSITORY_OPTIONAL: Final = ("kept", "refusals", "error", "verified")
"""What not every repository has."""


def record_parts(parts: Schemas) -> Schemas:
    """Give the named parts that others refer to; what these need is added to ``parts``."""
    return {
        "Outcomes": _by_outcome(),
        "Sums": _run_sums(parts),
        "KeptCounts": _kept_counts(),
        "Step": _step(parts),
        "Kept": _kept(parts),
        "HistoryEntry": _history(parts),
    }


def run_properties(parts: Schemas) -> JsonObject:
    """Describe the members of a run."""
    return {
        "id": TEXT,
        "registry": TEXT | {"description": "The login server."},
        "state": codec_of(RunState).schema(parts),
        "mode": codec_of(Mode).schema(parts),
        "trigger": codec_of(Trigger).schema(parts),
        "policy_name": TEXT | {"description": "`default` is the deployed policy."},
        "now": TIME | {"description": "The instant that every age is measured from."},
        "created": TIME,
        "updated": TIME,
        "finished": TIME,
        "repositories": COUNT | {"description": "How many the run is about."},
        "sums": {"$ref": "#/$defs/Sums"},
        "held": codec_of(Held).schema(parts),
        "error": TEXT | {"description": "Why the run as a whole failed."},
        "told": codec_of(Told).schema(parts),
    }


def sum_properties(parts: Schemas) -> JsonObject:
    """Describe the members that add steps up."""
    totals = codec_of(Totals).schema(parts)
    return {"totals": totals, "outcomes": {"$ref": "#/$defs/Outcomes"}}


def repository_properties(parts: Schemas) -> JsonObject:
    """Describe the members of a repository of a run."""
    return {
        "repository": TEXT,
        "state": codec_of(RepositoryState).schema(parts),
        "updated": TIME,
        **sum_properties(parts),
        "kept": {"$ref": "#/$defs/KeptCounts"},
        "refusals": {"type": "array", "items": codec_of(Refusal).schema(parts)},
        "error": TEXT | {"description": "Why it is refused or failed, in one line."},
        "verified": codec_of(Check).schema(parts),
    }


def _step(parts: Schemas) -> JsonObject:
    statuses = [status.value for status in (*Pending, *Outcome)]
    properties = {
        "index": COUNT,
        "stage": COUNT,
        "kind": {"enum": ["tag", "manifest", "cascade"]},
        "target": TEXT | {"description": "The tag or the digest that the step is about."},
        "digest": TEXT,
        "verdict": {"const": "delete"},
        "tags": {"type": "array", "items": codec_of(GoingTag).schema(parts)},
        "manifest": codec_of(GoingManifest).schema(parts),
        "bytes": COUNT,
        "status": {"enum": statuses},
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "detail": TEXT,
        "opened": TIME,
        "closed": TIME,
    }
    return object_schema(properties, ("manifest", "outcome", "detail", "opened", "closed"))


def _kept(parts: Schemas) -> JsonObject:
    properties = {
        "kind": {"enum": ["tag", "manifest"]},
        "name": TEXT,
        "digest": TEXT,
        "verdict": {"const": "keep"},
        "reasons": {"type": "array", "minItems": 1, "items": codec_of(KeepReason).schema(parts)},
        "deletable_from": TIME | {"description": "When time alone would let it go."},
    }
    return object_schema(properties, ("name", "digest", "deletable_from"))


def _by_outcome() -> JsonObject:
    count = object_schema(dict.fromkeys(("steps", "tags", "manifests", "bytes"), COUNT))
    return {
        "type": "object",
        "propertyNames": {"enum": [outcome.value for outcome in Outcome]},
        "additionalProperties": count,
        "description": "What became of the steps; bytes are an upper bound.",
    }


def _run_sums(parts: Schemas) -> JsonObject:
    counts = dict.fromkeys(("repositories", "refused", "failed", "gone", "troubled"), COUNT)
    exact = COUNT | {"description": "What it frees, blob by blob, where that was counted."}
    sums = object_schema(
        {**counts, **sum_properties(parts), "exact_bytes": exact}, ("exact_bytes",)
    )
    return sums | {"description": "What a run came to; not there before its end."}


def _kept_counts() -> JsonObject:
    return {
        "type": "object",
        "additionalProperties": object_schema(dict.fromkeys(("tags", "manifests"), COUNT)),
        "description": "How much stays, by the code of the reason.",
    }


def _history(parts: Schemas) -> JsonObject:
    properties = {
        "at": TIME,
        "kind": codec_of(ItemKind).schema(parts),
        "name": TEXT,
        "digest": TEXT,
        "outcome": codec_of(Outcome).schema(parts),
        "detail": TEXT,
        "run": TEXT,
        "step": COUNT,
        "trigger": codec_of(Trigger).schema(parts),
        "policy_name": TEXT,
        "rules": {"type": "array", "items": TEXT},
        "reasons": {"type": "array", "items": codec_of(DeleteReason).schema(parts)},
        "bytes": COUNT,
    }
    return object_schema(properties, ("detail",))
