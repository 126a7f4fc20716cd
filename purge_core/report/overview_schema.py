"""The shapes of a report's documents as JSON Schema; written by ``report.overviews``."""

from typing import Final

from purge_core.judgement.guards import Refusal
from purge_core.judgement.reasons import Reason
from purge_core.model import Manifest, Tag
from purge_core.records.overviews import Condition, Reading, Relation, Showing
from purge_core.records.store_records import RepositoryState
from purge_core.report.record_schema import (
    COUNT,
    REPOSITORY_OPTIONAL,
    RUN_OPTIONAL,
    TEXT,
    TIME,
    record_parts,
    repository_properties,
    run_properties,
)
from purge_core.report.run_schema import object_schema
from purge_core.wire import JsonObject, Schemas, codec_of

_NULL: Final[JsonObject] = {"type": "null"}
_FLAG: Final[JsonObject] = {"type": "boolean"}
_WORD: Final[JsonObject] = {"enum": ["delete", "keep", None]}
_NEXT: Final[JsonObject] = {
    "type": ["string", "null"],
    "description": "Asks for what follows, as `continuation`; null at the end.",
}


def report_schema() -> JsonObject:
    """Describe the documents of ``report`` as JSON Schema (2020-12)."""
    parts: Schemas = {}
    parts |= record_parts(parts)
    parts |= report_parts(parts)
    kinds = ("Overview", "RunReport", "RepositoryReport")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge report: the registries, a run, or a repository of a run",
        "oneOf": [_ref(kind) for kind in kinds],
        "$defs": parts,
    }


def report_parts(parts: Schemas) -> Schemas:
    """Give the named parts; what they need, but for ``record_parts``, is added to ``parts``."""
    return {
        "RecordedRun": object_schema(run_properties(parts), RUN_OPTIONAL),
        "RecordedRepository": object_schema(repository_properties(parts), REPOSITORY_OPTIONAL),
        "Night": _night(parts),
        "RegistryOverview": _registry(parts),
        "Overview": object_schema(
            {"now": TIME, "schedule": _or_null(TEXT), "registries": _list(_ref("RegistryOverview"))}
        ),
        "RunReport": _run_report(parts),
        "RepositoryReport": _repository_report(),
        "JudgedNow": _judged(parts),
        "ImageReport": _image_report(parts),
    }


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/$defs/{name}"}


def _list(item: JsonObject) -> JsonObject:
    return {"type": "array", "items": item}


def _or_null(schema: JsonObject) -> JsonObject:
    return {"anyOf": [schema, _NULL]}


def _night(parts: Schemas) -> JsonObject:
    most = COUNT | {"description": "What the largest plan of the day would have deleted."}
    return object_schema(
        {
            "day": TEXT | {"format": "date"},
            "condition": _or_null(codec_of(Condition).schema(parts)),
            "runs": _list(TEXT),
            "deleted": COUNT | {"description": "Tags and manifests."},
            "freed_bytes": COUNT | {"description": "An upper bound."},
            "exact_bytes": _or_null(COUNT)
            | {"description": "Blob by blob; null unless every run that deleted counted it."},
            "planned": most,
            "planned_bytes": COUNT,
            "unknown": COUNT | {"description": "Runs that do not say what they came to."},
        }
    )


def _registry(parts: Schemas) -> JsonObject:
    runs, repositories = _list(_ref("RecordedRun")), _list(_ref("RecordedRepository"))
    return object_schema(
        {
            "registry": TEXT,
            "condition": codec_of(Condition).schema(parts),
            "latest": _or_null(_ref("RecordedRun")),
            "sums": _or_null(_ref("Sums")),
            "missing": _list(TIME) | {"description": "When the schedule had a run, and none was."},
            "nights": _list(_ref("Night")),
            "runs": runs,
            "biggest": repositories,
            "troubled": repositories,
            "cut": _FLAG | {"description": "There is more in the journal than was read."},
        }
    )


def _run_report(parts: Schemas) -> JsonObject:
    return object_schema(
        {
            "now": TIME,
            "run": _ref("RecordedRun"),
            "sums": _ref("Sums"),
            "states": object_schema({state.value: COUNT for state in RepositoryState}),
            "kept": _ref("KeptCounts"),
            "find": TEXT,
            "show": codec_of(Showing).schema(parts),
            "first": COUNT,
            "matching": COUNT,
            "repositories": _list(_ref("RecordedRepository")),
            "next": _or_null(COUNT) | {"description": "The `first` of what follows."},
            "cut": _FLAG | {"description": "There are more repositories than were read."},
        }
    )


def _repository_report() -> JsonObject:
    status = {"type": ["string", "null"], "description": "Of its step; null: it stays."}
    point = object_schema({"name": TEXT, "updated": TIME, "status": status})
    return object_schema(
        {
            "now": TIME,
            "run": _ref("RecordedRun"),
            "repository": _ref("RecordedRepository"),
            "steps": _list(_ref("Step")),
            "kept": _list(_ref("Kept")),
            "next": _NEXT,
            "points": _list(point),
            "points_cut": _FLAG,
            "history": _list(_ref("HistoryEntry")),
        }
    )


def _judged(parts: Schemas) -> JsonObject:
    return object_schema(
        {
            "verdict": _WORD,
            "reasons": _list(codec_of(Reason).schema(parts)),
            "deletable_from": _or_null(TIME) | {"description": "When time alone lets it go."},
        }
    )


def _image_report(parts: Schemas) -> JsonObject:
    judged = _or_null(_ref("JudgedNow"))
    named, related = {"name": TEXT, "verdict": _WORD}, {"digest": TEXT, "verdict": _WORD}
    kind = {"relation": codec_of(Relation).schema(parts)}
    image = {
        "tag": _or_null(codec_of(Tag).schema(parts)),
        "tag_verdict": judged,
        "manifest": _or_null(codec_of(Manifest).schema(parts)),
        "manifest_verdict": judged,
        "tags": _list(object_schema(named)),
        "related": _list(object_schema(kind | related)),
        "refusals": _list(codec_of(Refusal).schema(parts)),
    }
    last = {"run": _ref("RecordedRun"), "verdict": {"oneOf": [_ref("Step"), _ref("Kept")]}}
    return object_schema(
        {
            "now": TIME,
            "registry": TEXT,
            "repository": TEXT,
            "tag": _or_null(TEXT),
            "digest": _or_null(TEXT),
            "reading": codec_of(Reading).schema(parts),
            "trouble": _or_null(TEXT),
            "image": _or_null(object_schema(image)),
            "last": _or_null(object_schema(last)),
            "history": _list(_ref("HistoryEntry")),
            "more": _FLAG,
        }
    )
