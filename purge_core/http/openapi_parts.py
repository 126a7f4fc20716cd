"""Parts of the description of the interface, in the words of OpenAPI 3.1."""

from typing import Final

from purge_core.http.exchange import JSON, PROBLEM
from purge_core.http.queries import MOST, Pattern
from purge_core.wire import JsonObject

_PROBLEMS: Final = {
    400: "The request has problems; all of them are told.",
    404: "There is no such thing.",
    409: "It is applied already, not planned, or was altered.",
    410: "The plan is older than PURGE_PLAN_MAX_AGE.",
    502: "The registry refuses the app, or does not answer usably.",
    503: "The app is not set up rightly, or its storage does not answer.",
}
_NO_KEY: Final[JsonObject] = {"description": "The function key is missing or wrong."}


def describe(summary: str, answers: dict[int, str], *problems: int) -> JsonObject:
    """Describe an operation: its answers by status, and what may go wrong."""
    responses: JsonObject = {
        str(status): content_of(schema, JSON, summary) for status, schema in answers.items()
    }
    responses["401"] = _NO_KEY
    for status in sorted({*problems, 503}):
        responses[str(status)] = content_of("Problem", PROBLEM, _PROBLEMS[status])
    return {"summary": summary, "operationId": _identity(summary), "responses": responses}


def _identity(summary: str) -> str:
    first, *rest = summary.replace("'s", "").split()
    return first.lower() + "".join(word.capitalize() for word in rest)


def content_of(schema: str, media_type: str, description: str) -> JsonObject:
    """Describe an answer of one type."""
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def path_parameter(name: str, description: str) -> JsonObject:
    """Describe a value in the path."""
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def in_query(name: str, description: str) -> JsonObject:
    """Describe a text in the query."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "string"},
    }


def fitting(name: str, pattern: Pattern) -> JsonObject:
    """Describe a value in the query that has to look like something."""
    schema = {"type": "string", "pattern": pattern.text, "maxLength": pattern.longest}
    return in_query(name, f"{pattern.what[0].upper()}{pattern.what[1:]}.") | {"schema": schema}


def paging() -> list[JsonObject]:
    """Describe what a list takes that is given page by page."""
    limit = in_query("limit", "How many items at most.") | {
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST}
    }
    return [limit, in_query("continuation", "The `next` of the page before.")]
