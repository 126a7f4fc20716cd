"""The shapes of all answers as JSON Schema, taken from the values that they are written from."""

from typing import Any, Final

from purge_core.http.models import PurgeRequest
from purge_core.policies.document_model import PolicyModel
from purge_core.records.store_records import RepositoryState
from purge_core.report.explain_document import explanation_schema
from purge_core.report.overview_schema import report_parts
from purge_core.report.record_schema import (
    COUNT,
    REPOSITORY_OPTIONAL,
    RUN_OPTIONAL,
    TEXT,
    record_parts,
    repository_properties,
    run_properties,
    sum_properties,
)
from purge_core.report.run_schema import object_schema
from purge_core.wire import JsonObject, Schemas

_PARTS: Final = "#/components/schemas/"


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
    own |= record_parts(own)
    own |= report_parts(own)
    own |= {
        "Explanation": explanation,
        "BegunRun": _begun(own),
        "Run": object_schema(run_properties(own) | {"links": _links()}, RUN_OPTIONAL),
        "ViewedRun": _viewed(own),
        "Repository": object_schema(
            repository_properties(own) | {"links": _links()}, REPOSITORY_OPTIONAL
        ),
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


def _begun(parts: Schemas) -> JsonObject:
    run = {name: run_properties(parts)[name] for name in ("id", "state", "mode", "registry")}
    return object_schema({**run, **sum_properties(parts), "links": _links()})


def _viewed(parts: Schemas) -> JsonObject:
    states = {state.value: COUNT for state in RepositoryState}
    progress = dict.fromkeys(("repositories", "judged", "ended"), COUNT)
    return object_schema(
        {
            **run_properties(parts),
            "states": object_schema(states) | {"description": "Repositories by state."},
            "progress": object_schema(progress),
            **sum_properties(parts),
            "links": _links("self", "repositories"),
        },
        RUN_OPTIONAL,
    )


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


def _links(*names: str) -> JsonObject:
    return object_schema(dict.fromkeys(names or ("self",), TEXT))


def _policy() -> JsonObject:
    return object_schema(
        {
            "name": TEXT,
            "policy": {"type": "object"},
            "notes": {"type": "array", "items": TEXT},
        }
    )


def _problem() -> JsonObject:
    one = object_schema({"path": TEXT, "found": TEXT, "expected": TEXT})
    properties = {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "problems": {"type": "array", "items": one},
    }
    return object_schema(properties, ("problems",))
