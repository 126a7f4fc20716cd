"""The JSON Schema of a run's document: what a program may rely on."""

from collections.abc import Iterable

from purge_core.judgement.guards import Refusal, TooManyDeletions
from purge_core.judgement.reasons import Reason
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.records.losses import Check
from purge_core.records.outcomes import Outcome
from purge_core.records.results import Exact, State
from purge_core.wire import JsonObject, Schemas, codec_of

_TIME: JsonObject = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: JsonObject = {"anyOf": [_TIME, {"type": "null"}]}
_TEXT: JsonObject = {"type": "string"}
_TEXT_OR_NULL: JsonObject = {"type": ["string", "null"]}
_COUNT: JsonObject = {"type": "integer", "minimum": 0}


def run_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts = reason_parts()
    properties: JsonObject = {
        "registry": _TEXT | {"description": "The login server."},
        "mode": codec_of(Mode).schema(parts) | {"description": "`plan` deletes nothing."},
        "now": _TIME | {"description": "The instant that every age is measured from."},
        "read": _TIME | {"description": "The present, where `now` is a later time."},
        "policy": codec_of(Policy).schema(parts),
        "interrupted": {"type": "boolean"},
        "exact": codec_of(Exact).schema(parts),
        "held": codec_of(TooManyDeletions).schema(parts),
        "error": _TEXT | {"description": "Why the run as a whole ended early."},
        "repositories": {"type": "array", "items": _repository(parts)},
        "totals": _totals(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge run",
        **object_schema(properties, {"read", "exact", "held", "error"}),
        "$defs": parts,
    }


def _repository(parts: Schemas) -> JsonObject:
    properties: JsonObject = {
        "repository": _TEXT,
        "state": codec_of(State).schema(parts),
        "error": _TEXT | {"description": "Why it is refused or failed, in one line."},
        "refusals": {"type": "array", "items": codec_of(Refusal).schema(parts)},
        "missing": {
            "type": "array",
            "items": _TEXT,
            "description": "Digests that indexes list and the registry does not have.",
        },
        "verified": codec_of(Check).schema(parts),
        "tags": {"type": "array", "items": tag_schema()},
        "manifests": {"type": "array", "items": manifest_schema()},
    }
    return object_schema(properties, {"error", "refusals", "missing", "verified"})


def tag_schema() -> JsonObject:
    """Describe a tag; what is optional is missing where only the manifest listing shows it."""
    optional: JsonObject = {"digest": _TEXT_OR_NULL, "updated": _TIME_OR_NULL}
    return _item({"name": _TEXT, **optional}, set(optional))


def manifest_schema(more: JsonObject | None = None, optional: Iterable[str] = ()) -> JsonObject:
    """Describe a manifest, with further properties perhaps."""
    properties: JsonObject = {
        "digest": _TEXT,
        "media_type": _TEXT_OR_NULL,
        "updated": _TIME_OR_NULL,
        "size": _COUNT | {"description": "Bytes, shared layers included."},
        "platform": _TEXT,
    }
    return _item(properties | (more or {}), {"platform", *optional})


def reason_parts() -> Schemas:
    """Describe every reason, by name."""
    parts: Schemas = {}
    codec_of(Reason).schema(parts)
    return parts


def _item(own: JsonObject, optional: set[str]) -> JsonObject:
    """Describe an item: what it is, what was decided, what became of it."""
    reasons: JsonObject = {"type": "array", "minItems": 1}
    reasons["items"] = codec_of(Reason).schema({})
    properties = own | {
        "verdict": {"enum": ["delete", "keep"]},
        "reasons": reasons,
        "deletable_from": _TIME | {"description": "When time alone would let it go."},
        "outcome": {
            "enum": [outcome.value for outcome in Outcome],
            "description": "What became of an item with verdict delete; only in a real run.",
        },
        "detail": _TEXT,
    }
    return object_schema(properties, optional | {"deletable_from", "outcome", "detail"})


def _totals() -> JsonObject:
    tally: JsonObject = {
        "total": _COUNT,
        "keep": _COUNT,
        "delete": _COUNT | {"description": "Verdict delete, and nothing stands against it."},
        "refused": _COUNT | {"description": "Verdict delete, but nothing is deleted there."},
        "kept_by": _counts("Items by the code of each of their reasons."),
        "deleted_by": _counts("Items by the code of each of their reasons."),
        "outcomes": _counts("Items by outcome."),
    }
    return object_schema(
        {
            "repositories": _counts("Repositories by state."),
            "tags": object_schema(tally),
            "manifests": object_schema(tally),
            "frees_at_most": _COUNT
            | {"description": "Bytes; an upper bound, since images share layers."},
        }
    )


def _counts(description: str) -> JsonObject:
    return {"type": "object", "additionalProperties": _COUNT, "description": description}


def object_schema(properties: JsonObject, optional: Iterable[str] = ()) -> JsonObject:
    """Describe an object with these properties and no others."""
    required = [name for name in properties if name not in set(optional)]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
