"""The part of the interface's description that is about reports."""

from purge_core.http.openapi_parts import describe, fitting, in_query
from purge_core.http.queries import DIGEST, REPOSITORY, TAG
from purge_core.records.overviews import Showing
from purge_core.report.forms import Format
from purge_core.reviewing.reading import MOST_REPOSITORIES
from purge_core.reviewing.registries import MOST_DAYS, USUAL_DAYS
from purge_core.wire import JsonObject


def report_paths(run: JsonObject, repository: JsonObject) -> JsonObject:
    """Describe the operations, given the parameters of the paths."""
    of_run = "/api/report/runs/{id}"
    return {
        "/api/report": {"get": _report("Report on the registries", "Overview", _overview(), 400)},
        of_run: {
            "parameters": [run],
            "get": _report("Report on a run", "RunReport", _run(), 400, 404),
        },
        f"{of_run}/repositories/{{repository}}": {
            "parameters": [run, repository],
            "get": _report(
                "Report on a repository of a run",
                "RepositoryReport",
                [in_query("continuation", "The `next` of the page before.")],
                *(400, 404),
            ),
        },
        "/api/report/images": {"get": _report("Report on an image", "ImageReport", _image(), 400)},
    }


def _report(summary: str, schema: str, parameters: list[JsonObject], *problems: int) -> JsonObject:
    """Describe an operation that answers with a page, JSON or CSV, as is wanted."""
    described = describe(summary, {200: schema}, *problems)
    answer = described["responses"]["200"]
    for each in (Format.HTML, Format.CSV):
        answer["content"][each.media_type] = {"schema": {"type": "string"}}
    for status in problems:
        described["responses"][str(status)]["content"][Format.HTML.media_type] = {
            "schema": {"type": "string"}
        }
    formats = {"enum": [each.value for each in Format]}
    wanted = in_query("format", "What to answer with, whatever `Accept` says.")
    return described | {"parameters": [*parameters, wanted | {"schema": formats}]}


def _overview() -> list[JsonObject]:
    registry = in_query("registry", "Only this one of the app's registries.")
    return [registry, _number("days", f"How far back; {USUAL_DAYS} if not said.", 1, MOST_DAYS)]


def _run() -> list[JsonObject]:
    text = in_query("find", "Only repositories with this in their name.")
    which = in_query("show", "Only such repositories.")
    return [
        text | {"schema": {"type": "string", "maxLength": 256}},
        which | {"schema": {"enum": [each.value for each in Showing]}},
        _number("first", "From which of them on, counted from 0.", 0, MOST_REPOSITORIES),
    ]


def _image() -> list[JsonObject]:
    return [
        in_query("registry", "One of the app's registries.") | {"required": True},
        fitting("repository", REPOSITORY) | {"required": True},
        fitting("tag", TAG),
        fitting("digest", DIGEST),
    ]


def _number(name: str, description: str, least: int, most: int) -> JsonObject:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return in_query(name, description) | {"schema": schema}
