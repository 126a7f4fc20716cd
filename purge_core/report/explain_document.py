"""The explanation of one tag or image as JSON, and the schema of that document."""

from purge_core.instants import format_instant
from purge_core.judgement.decision import Delete, Verdict
from purge_core.judgement.guards import Refusal
from purge_core.report.explain import Explanation, ImageFacts, Relations, TagFacts
from purge_core.report.items import ManifestItem, TagItem
from purge_core.report.run_document import manifest_document, tag_document
from purge_core.report.run_schema import manifest_schema, object_schema, reason_parts, tag_schema
from purge_core.wire import JsonObject, codec_of, write_value

_TEXT: JsonObject = {"type": "string"}


def explanation_document(explanation: Explanation, registry: str) -> JsonObject:
    """Give the document."""
    document: JsonObject = {
        "registry": registry,
        "repository": explanation.snapshot.name,
        "now": format_instant(explanation.now),
    }
    if explanation.refusals:
        document["refusals"] = [write_value(refusal) for refusal in explanation.refusals]
    if explanation.tag is not None:
        document["tag"] = _tag(explanation.tag)
    if explanation.image is not None:
        document["manifest"] = _image(explanation.image)
    return document


def _tag(facts: TagFacts) -> JsonObject:
    return tag_document(TagItem(facts.name, facts.tag, facts.verdict, None))


def _image(facts: ImageFacts) -> JsonObject:
    return manifest_document(ManifestItem(facts.manifest, facts.verdict, None, 0)) | {
        "tags": [{"name": name, "verdict": _word(verdict)} for name, verdict in facts.tags],
        "indexes": _relations(facts.indexes),
        "children": _relations(facts.children),
        "subject": _relations(facts.subject),
        "referrers": _relations(facts.referrers),
    }


def _relations(related: Relations) -> list[JsonObject]:
    return [{"digest": digest, "verdict": _word(verdict)} for digest, verdict in related]


def _word(verdict: Verdict | None) -> str | None:
    if verdict is None:
        return None
    return "delete" if isinstance(verdict, Delete) else "keep"


def explanation_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts = reason_parts()
    properties: JsonObject = {
        "registry": _TEXT,
        "repository": _TEXT,
        "now": _TEXT | {"format": "date-time"},
        "refusals": {"type": "array", "items": codec_of(Refusal).schema(parts)},
        "tag": tag_schema(),
        "manifest": manifest_schema(
            {
                "tags": _related("name"),
                "indexes": _related("digest"),
                "children": _related("digest"),
                "subject": _related("digest"),
                "referrers": _related("digest"),
            }
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge explanation of a tag or an image",
        **object_schema(properties, ("refusals", "tag", "manifest")),
        "$defs": parts,
    }


def _related(name: str) -> JsonObject:
    """Describe a list of names with verdicts; null: it is not there."""
    item = object_schema({name: _TEXT, "verdict": {"enum": ["delete", "keep", None]}})
    return {"type": "array", "items": item}
