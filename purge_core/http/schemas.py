"""The shapes of all answers as JSON Schema, taken from the values that they are written from."""

from typing import Any, Final

from purge_core.http.models import PurgeRequest
from purge_core.judgement.guards import Refusal
from purge_core.judgement.reasons import KeepReason
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.policies.document_model import PolicyModel
from purge_core.records.journal import Mode
from purge_core.records.losses import Check
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import Pending
from purge_core.records.store_records import Held, RepositoryState, RunState, Totals, Trigger
from purge_core.report.explain_document import explanation_schema
from purge_core.report.run_schema import object_schema
from purge_core.wire import JsonObject, Schemas, codec_of

_PARTS: Final = "#/components/schemas/"
_TIME: Final[JsonObject] = {"type": "string", "format": "date-time"}
_TEXT: Final[JsonObject] = {"type": "string"}
_COUNT: Final[JsonObject] = {"type": "integer", "minimum": 0}


def schemas() -> Schemas:
    """Give the named parts of the interface's description."""
    parts: Schemas = {}
    for model in (PurgeRequest, PolicyModel):
        schema = model.model_json_schema(ref_template=f"{_PARTS}{{model}}")
        parts |= schema.pop("$defs", {})
        parts[model.__name__] = schema
    parts["PurgeRequest"]["properties"]["policy"] = {"$ref": f"{_PARTS}PolicyModel"}
    own: Schemas = {}
    explanation = explanation_schema()
    del explanation["$schema"]
    own |= explanation.pop("$defs")
    own |= {
        "Explanation": explanation,
        "Outcomes": _by_outcome(),
        "Sums": _run_sums(own),
        "KeptCounts": _kept_counts(),
        "BegunRun": _begun(own),
        "Run": object_schema(_run(own) | {"links": _links()}, _RUN_OPTIONAL),
        "ViewedRun": _viewed(own),
        "Repository": _repository(own),
        "Step": _step(own),
        "Kept": _kept(own),
        "Policy": _policy(),
        "Health": object_schema({"status": {"const": "ok"}}),
        "Problem": _problem(),
    }
    lists = {"Runs": "Run", "Repositories": "Repository"}
    own |= {name: _list({"$ref": f"#/$defs/{item}"}) for name, item in lists.items()}
    own["Items"] = _items()
    relocated: Schemas = _relocated(own)
    return parts | relocated


def _relocated(value: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Point references at where the interface's description keeps its parts."""
    if isinstance(value, dict):
        return {
            key: each.replace("#/$defs/", _PARTS) if key == "$ref" else _relocated(each)
            for key, each in value.items()
        }
    return [_relocated(each) for each in value] if isinstance(value, list) else value


_RUN_OPTIONAL: Final = ("finished", "repositories", "sums", "held", "error")


def _run(parts: Schemas) -> JsonObject:
    return {
        "id": _TEXT,
        "registry": _TEXT | {"description": "The login server."},
        "state": codec_of(RunState).schema(parts),
        "mode": codec_of(Mode).schema(parts),
        "trigger": codec_of(Trigger).schema(parts),
        "policy_name": _TEXT | {"description": "`default` is the deployed policy."},
        "now": _TIME | {"description": "The instant that every age is measured from."},
        "created": _TIME,
        "updated": _TIME,
        "finished": _TIME,
        "repositories": _COUNT | {"description": "How many the run is about."},
        "sums": {"$ref": "#/$defs/Sums"},
        "held": codec_of(Held).schema(parts),
        "error": _TEXT | {"description": "Why the run as a whole failed."},
    }


def _sums(parts: Schemas) -> JsonObject:
    totals = codec_of(Totals).schema(parts)
    return {"totals": totals, "outcomes": {"$ref": "#/$defs/Outcomes"}}


def _begun(parts: Schemas) -> JsonObject:
    run = {name: _run(parts)[name] for name in ("id", "state", "mode", "registry")}
    return object_schema({**run, **_sums(parts), "links": _links()})


def _viewed(parts: Schemas) -> JsonObject:
    states = {state.value: _COUNT for state in RepositoryState}
    progress = dict.fromkeys(("repositories", "judged", "ended"), _COUNT)
    return object_schema(
        {
            **_run(parts),
            "states": object_schema(states) | {"description": "Repositories by state."},
            "progress": object_schema(progress),
            **_sums(parts),
            "links": _links("self", "repositories"),
        },
        _RUN_OPTIONAL,
    )


def _repository(parts: Schemas) -> JsonObject:
    properties = {
        "repository": _TEXT,
        "state": codec_of(RepositoryState).schema(parts),
        "updated": _TIME,
        **_sums(parts),
        "kept": {"$ref": "#/$defs/KeptCounts"},
        "refusals": {"type": "array", "items": codec_of(Refusal).schema(parts)},
        "error": _TEXT | {"description": "Why it is refused or failed, in one line."},
        "verified": codec_of(Check).schema(parts),
        "links": _links(),
    }
    return object_schema(properties, ("kept", "refusals", "error", "verified"))


def _step(parts: Schemas) -> JsonObject:
    statuses = [status.value for status in (*Pending, *Outcome)]
    properties = {
        "index": _COUNT,
        "stage": _COUNT,
        "kind": {"enum": ["tag", "manifest", "cascade"]},
        "target": _TEXT | {"description": "The tag or the digest that the step is about."},
        "digest": _TEXT,
        "verdict": {"const": "delete"},
        "tags": {"type": "array", "items": codec_of(GoingTag).schema(parts)},
        "manifest": codec_of(GoingManifest).schema(parts),
        "bytes": _COUNT,
        "status": {"enum": statuses},
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "detail": _TEXT,
        "opened": _TIME,
        "closed": _TIME,
    }
    return object_schema(properties, ("manifest", "outcome", "detail", "opened", "closed"))


def _kept(parts: Schemas) -> JsonObject:
    properties = {
        "kind": {"enum": ["tag", "manifest"]},
        "name": _TEXT,
        "digest": _TEXT,
        "verdict": {"const": "keep"},
        "reasons": {"type": "array", "minItems": 1, "items": codec_of(KeepReason).schema(parts)},
        "deletable_from": _TIME | {"description": "When time alone would let it go."},
    }
    return object_schema(properties, ("name", "digest", "deletable_from"))


def _items() -> JsonObject:
    item = {"oneOf": [{"$ref": "#/$defs/Step"}, {"$ref": "#/$defs/Kept"}]}
    listed = _list(item)
    listed["properties"]["repository"] = {"$ref": "#/$defs/Repository"}
    return listed | {"required": ["items", "next", "repository"]}


def _list(item: JsonObject) -> JsonObject:
    following = {
        "type": ["string", "null"],
        "description": "Asks for what follows, as `continuation`; null at the end.",
    }
    return object_schema({"items": {"type": "array", "items": item}, "next": following})


def _by_outcome() -> JsonObject:
    count = object_schema(dict.fromkeys(("steps", "tags", "manifests", "bytes"), _COUNT))
    return {
        "type": "object",
        "propertyNames": {"enum": [outcome.value for outcome in Outcome]},
        "additionalProperties": count,
        "description": "What became of the steps; bytes are an upper bound.",
    }


def _run_sums(parts: Schemas) -> JsonObject:
    counts = dict.fromkeys(("repositories", "refused", "failed", "gone", "troubled"), _COUNT)
    exact = _COUNT | {"description": "What it frees, blob by blob, where that was counted."}
    sums = object_schema({**counts, **_sums(parts), "exact_bytes": exact}, ("exact_bytes",))
    return sums | {"description": "What a run came to; not there before its end."}


def _kept_counts() -> JsonObject:
    return {
        "type": "object",
        "additionalProperties": object_schema(dict.fromkeys(("tags", "manifests"), _COUNT)),
        "description": "How much stays, by the code of the reason.",
    }


def _links(*names: str) -> JsonObject:
    return object_schema(dict.fromkeys(names or ("self",), _TEXT))


def _policy() -> JsonObject:
    return object_schema(
        {
            "name": _TEXT,
            "policy": {"type": "object"},
            "notes": {"type": "array", "items": _TEXT},
        }
    )


def _problem() -> JsonObject:
    one = object_schema({"path": _TEXT, "found": _TEXT, "expected": _TEXT})
    properties = {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "problems": {"type": "array", "items": one},
    }
    return object_schema(properties, ("problems",))
