"""A notice as plain JSON, and the JSON Schema that a receiver may rely on."""

from purge_core.notices.notice import VERSION, Notice
from purge_core.wire import JsonObject, Schemas, codec_of, write_value


def notice_document(notice: Notice) -> JsonObject:
    """Give a notice as a JSON object; names from a registry are exactly as they are there."""
    return write_value(notice)


def notice_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts: Schemas = {}
    codec_of(Notice).schema(parts)
    body = parts.pop("Notice")
    body["properties"]["version"] = {"const": VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge notice",
        "description": "What a webhook is told of a run that ended. The same id: the same notice.",
        **body,
        "$defs": parts,
    }
