"""The description of the interface in OpenAPI 3.1."""

from typing import Final

from purge_core import __version__
from purge_core.http.exchange import JSON, OPENMETRICS, PROBLEM
from purge_core.http.queries import DIGEST, LATER, MOST, REPOSITORY, TAG, Pattern
from purge_core.http.schemas import schemas
from purge_core.wire import JsonObject

_KEY: Final = "function_key"
_PROBLEMS: Final = {
    400: "The request has problems; all of them are told.",
    404: "There is no such thing.",
    409: "It is applied already, not planned, or was altered.",
    410: "The plan is older than PURGE_PLAN_MAX_AGE.",
    502: "The registry refuses the app, or does not answer usably.",
    503: "The app is not set up rightly, or its storage does not answer.",
}
_NO_KEY: Final[JsonObject] = {"description": "The function key is missing or wrong."}


def openapi_document() -> JsonObject:
    """Give the description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "acr-purge",
            "version": __version__,
            "description": "Plans, explains and purges container registries, and remembers it.",
        },
        "servers": [{"url": "/"}],
        "security": [{_KEY: []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                _KEY: {"type": "apiKey", "in": "header", "name": "x-functions-key"}
            },
            "schemas": schemas(),
        },
    }


def _paths() -> JsonObject:
    run = _path_parameter("id", "The id of a run.")
    name = _path_parameter("repository", "The name of a repository; its slashes stay as they are.")
    return {
        "/api/purges": {"post": _start()},
        "/api/runs": {"get": _list_runs()},
        "/api/runs/{id}": {
            "parameters": [run],
            "get": _operation("Show a run and its progress", {200: "ViewedRun"}, 400, 404),
        },
        "/api/runs/{id}/repositories": {
            "parameters": [run],
            "get": _operation("List a run's repositories", {200: "Repositories"}, 400, 404)
            | {"parameters": _paging()},
        },
        "/api/runs/{id}/repositories/{repository}": {
            "parameters": [run, name],
            "get": _operation("Show what goes and what stays", {200: "Items"}, 400, 404)
            | {"parameters": _paging()},
        },
        "/api/runs/{id}/apply": {
            "parameters": [run],
            "post": _operation(
                "Carry out exactly the stored plan", {202: "BegunRun"}, 400, 404, 409, 410
            ),
        },
        "/api/explain": {"get": _explain()},
        "/api/policy": {"get": _operation("Show the deployed policy", {200: "Policy"}, 400)},
        "/api/metrics": {"get": _metrics()},
        "/api/openapi.json": {"get": _describe()},
        "/api/health": {"get": _health()},
    }


def _operation(summary: str, answers: dict[int, str], *problems: int) -> JsonObject:
    """Describe an operation: its answers by status, and what may go wrong."""
    responses: JsonObject = {
        str(status): _content(schema, JSON, summary) for status, schema in answers.items()
    }
    responses["401"] = _NO_KEY
    for status in sorted({*problems, 503}):
        responses[str(status)] = _content("Problem", PROBLEM, _PROBLEMS[status])
    return {"summary": summary, "operationId": _identity(summary), "responses": responses}


def _identity(summary: str) -> str:
    first, *rest = summary.replace("'s", "").split()
    return first.lower() + "".join(word.capitalize() for word in rest)


def _content(schema: str, media_type: str, description: str) -> JsonObject:
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _start() -> JsonObject:
    answers = {200: "BegunRun", 202: "BegunRun"}
    body = {"schema": {"$ref": "#/components/schemas/PurgeRequest"}}
    operation = _operation("Plan or purge a registry", answers, 400)
    for status in map(str, answers):
        location = {"schema": {"type": "string"}, "required": True}
        operation["responses"][status]["headers"] = {"Location": location}
    at = _query("at", f"Only a plan, as of {LATER}; it can not be applied.")
    operation["parameters"] = [at]
    return operation | {"requestBody": {"required": True, "content": {JSON: body}}}


def _list_runs() -> JsonObject:
    registry = _query("registry", "Only the runs of this one of the app's registries.")
    operation = _operation("List runs, newest first", {200: "Runs"}, 400)
    return operation | {"parameters": [registry, *_paging()]}


def _explain() -> JsonObject:
    operation = _operation(
        "Say why a tag or an image stays or goes", {200: "Explanation"}, 400, 404, 502
    )
    return operation | {
        "parameters": [
            _query("registry", "One of the app's registries.") | {"required": True},
            _fitting("repository", REPOSITORY) | {"required": True},
            _fitting("tag", TAG),
            _fitting("digest", DIGEST),
            _query("at", f"As of {LATER}, as if nothing were pushed until then."),
        ]
    }


def _metrics() -> JsonObject:
    operation = _operation("Say in numbers how the latest runs went", {200: "Health"}, 400)
    content = {OPENMETRICS: {"schema": {"type": "string"}}}
    said = "The latest runs of each registry, in the OpenMetrics text format."
    operation["responses"]["200"] = {"description": said, "content": content}
    return operation


def _describe() -> JsonObject:
    operation = _operation("Describe this interface", {200: "Health"}, 400)
    content = {JSON: {"schema": {"type": "object"}}}
    operation["responses"]["200"] = {"description": "This document.", "content": content}
    return operation


def _health() -> JsonObject:
    operation = _operation("Say that the app answers", {200: "Health"})
    answers = {"200": operation["responses"]["200"]}
    return operation | {"security": [], "responses": answers}


def _path_parameter(name: str, description: str) -> JsonObject:
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def _query(name: str, description: str) -> JsonObject:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "string"},
    }


def _fitting(name: str, pattern: Pattern) -> JsonObject:
    schema = {"type": "string", "pattern": pattern.text, "maxLength": pattern.longest}
    return _query(name, f"{pattern.what[0].upper()}{pattern.what[1:]}.") | {"schema": schema}


def _paging() -> list[JsonObject]:
    limit = _query("limit", "How many items at most.") | {
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST}
    }
    return [limit, _query("continuation", "The `next` of the page before.")]
