"""The description of the interface in OpenAPI 3.1."""

from typing import Final

from purge_core import __version__
from purge_core.http.exchange import JSON, OPENMETRICS
from purge_core.http.openapi_parts import (
    describe,
    fitting,
    in_query,
    paging,
    path_parameter,
)
from purge_core.http.openapi_reports import report_paths
from purge_core.http.queries import DIGEST, LATER, REPOSITORY, TAG
from purge_core.http.schemas import schemas
from purge_core.wire import JsonObject

_KEY: Final = "function_key"


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
    run = path_parameter("id", "The id of a run.")
    name = path_parameter("repository", "The name of a repository; its slashes stay as they are.")
    return {
        "/api/purges": {"post": _start()},
        "/api/runs": {"get": _list_runs()},
        "/api/runs/{id}": {
            "parameters": [run],
            "get": describe("Show a run and its progress", {200: "ViewedRun"}, 400, 404),
        },
        "/api/runs/{id}/repositories": {
            "parameters": [run],
            "get": describe("List a run's repositories", {200: "Repositories"}, 400, 404)
            | {"parameters": paging()},
        },
        "/api/runs/{id}/repositories/{repository}": {
            "parameters": [run, name],
            "get": describe("Show what goes and what stays", {200: "Items"}, 400, 404)
            | {"parameters": paging()},
        },
        "/api/runs/{id}/apply": {
            "parameters": [run],
            "post": describe(
                "Carry out exactly the stored plan", {202: "BegunRun"}, 400, 404, 409, 410
            ),
        },
        **report_paths(run, name),
        "/api/explain": {"get": _explain()},
        "/api/policy": {"get": describe("Show the deployed policy", {200: "Policy"}, 400)},
        "/api/metrics": {"get": _metrics()},
        "/api/openapi.json": {"get": _describe()},
        "/api/health": {"get": _health()},
    }


def _start() -> JsonObject:
    answers = {200: "BegunRun", 202: "BegunRun"}
    body = {"schema": {"$ref": "#/components/schemas/PurgeRequest"}}
    operation = describe("Plan or purge a registry", answers, 400)
    for status in map(str, answers):
        location = {"schema": {"type": "string"}, "required": True}
        operation["responses"][status]["headers"] = {"Location": location}
    at = in_query("at", f"Only a plan, as of {LATER}; it can not be applied.")
    operation["parameters"] = [at]
    return operation | {"requestBody": {"required": True, "content": {JSON: body}}}


def _list_runs() -> JsonObject:
    registry = in_query("registry", "Only the runs of this one of the app's registries.")
    operation = describe("List runs, newest first", {200: "Runs"}, 400)
    return operation | {"parameters": [registry, *paging()]}


def _explain() -> JsonObject:
    operation = describe(
        "Say why a tag or an image stays or goes", {200: "Explanation"}, 400, 404, 502
    )
    return operation | {
        "parameters": [
            in_query("registry", "One of the app's registries.") | {"required": True},
            fitting("repository", REPOSITORY) | {"required": True},
            fitting("tag", TAG),
            fitting("digest", DIGEST),
            in_query("at", f"As of {LATER}, as if nothing were pushed until then."),
        ]
    }


def _metrics() -> JsonObject:
    operation = describe("Say in numbers how the latest runs went", {200: "Health"}, 400)
    content = {OPENMETRICS: {"schema": {"type": "string"}}}
    said = "The latest runs of each registry, in the OpenMetrics text format."
    operation["responses"]["200"] = {"description": said, "content": content}
    return operation


def _describe() -> JsonObject:
    operation = describe("Describe this interface", {200: "Health"}, 400)
    content = {JSON: {"schema": {"type": "object"}}}
    operation["responses"]["200"] = {"description": "This document.", "content": content}
    return operation


def _health() -> JsonObject:
    operation = describe("Say that the app answers", {200: "Health"})
    answers = {"200": operation["responses"]["200"]}
    return operation | {"security": [], "responses": answers}
