"""A run as one JSON document, written in pieces: a million entries are never held at once."""

import json
from collections.abc import Iterable, Iterator, Mapping

from purge_core.instants import Instant, format_instant
from purge_core.judgement.decision import Keep
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.report.items import ManifestItem, RunView, TagItem, manifest_items, tag_items
from purge_core.report.totals import Tally, Totals, repository_totals
from purge_core.wire import JsonObject, write_value


def write_run(result: RunResult, mode: Mode, error: str | None = None) -> Iterator[str]:
    """Give the document of a run, piece by piece.

    ``error`` says why the run as a whole ended early.
    """
    view = RunView.of(result, mode)
    yield _json(_head(result, mode, error))[:-1] + ', "repositories": ['
    totals = Totals()
    for number, each in enumerate(result.repositories):
        yield ",\n" if number else "\n"
        yield from _repository(view, each)
        totals += repository_totals(view, each)
    yield f'\n], "totals": {_json(totals_document(totals))}}}\n'


def _head(result: RunResult, mode: Mode, error: str | None) -> JsonObject:
    head: JsonObject = {
        "registry": result.registry,
        "mode": mode.value,
        "now": format_instant(result.now),
        "policy": write_value(result.policy),
        "interrupted": result.interrupted,
    }
    if result.read is not None:
        head["read"] = format_instant(result.read)
    if result.exact is not None:
        head["exact"] = write_value(result.exact)
    if result.held is not None:
        head["held"] = write_value(result.held)
    if error is not None:
        head["error"] = error
    return head


def _repository(view: RunView, result: RepositoryResult) -> Iterator[str]:
    head: JsonObject = {"repository": result.repository, "state": result.state.value}
    if result.error is not None:
        head["error"] = result.error
    if result.refusals:
        head["refusals"] = [write_value(refusal) for refusal in result.refusals]
    if result.decisions is not None and result.decisions.missing:
        head["missing"] = list(result.decisions.missing)
    if result.verified is not None:
        head["verified"] = write_value(result.verified)
    yield _json(head)[:-1]
    yield ',\n  "tags": ['
    yield from _lines(tag_document(item) for item in tag_items(view, result))
    yield '],\n  "manifests": ['
    yield from _lines(manifest_document(item) for item in manifest_items(view, result))
    yield "]}"


def _lines(documents: Iterable[JsonObject]) -> Iterator[str]:
    """Write one item per line."""
    for number, document in enumerate(documents):
        yield ",\n    " if number else "\n    "
        yield _json(document)


def tag_document(item: TagItem) -> JsonObject:
    """Give one tag with its verdict."""
    document: JsonObject = {"name": item.name}
    if item.tag is not None:
        document["digest"] = item.tag.digest
        document["updated"] = _time(item.tag.updated)
    return document | judgement(item)


def manifest_document(item: ManifestItem) -> JsonObject:
    """Give one manifest with its verdict; ``size`` is in bytes, as the registry tells it."""
    manifest = item.manifest
    document: JsonObject = {
        "digest": manifest.digest,
        "media_type": manifest.media_type,
        "updated": _time(manifest.updated),
        "size": manifest.size,
    }
    if manifest.platform is not None:
        document["platform"] = manifest.platform
    return document | judgement(item)


def judgement(item: TagItem | ManifestItem) -> JsonObject:
    """Give what was decided about an item and what became of it."""
    keeps = isinstance(item.verdict, Keep)
    document: JsonObject = {
        "verdict": "keep" if keeps else "delete",
        "reasons": [write_value(reason) for reason in item.verdict.reasons],
    }
    if isinstance(item.verdict, Keep) and item.verdict.deletable_from is not None:
        document["deletable_from"] = format_instant(item.verdict.deletable_from)
    if item.ending is not None:
        document["outcome"] = item.ending.outcome.value
        if item.ending.detail:
            document["detail"] = item.ending.detail
    return document


def totals_document(totals: Totals) -> JsonObject:
    """Give the counts of a run."""
    return {
        "repositories": _counts(totals.states),
        "tags": _tally(totals.tags),
        "manifests": _tally(totals.manifests),
        "frees_at_most": totals.frees_at_most,
    }


def _tally(tally: Tally) -> JsonObject:
    return {
        "total": tally.total,
        "keep": tally.keep,
        "delete": tally.delete,
        "refused": tally.refused,
        "kept_by": dict(sorted(tally.kept_by.items())),
        "deleted_by": dict(sorted(tally.deleted_by.items())),
        "outcomes": _counts(tally.outcomes),
    }


def _counts(counts: Mapping[State, int] | Mapping[Outcome, int]) -> dict[str, int]:
    return dict(sorted((kind.value, number) for kind, number in counts.items()))


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _json(value: object) -> str:
    """Write JSON in ASCII: no character in it does anything to a terminal."""
    return json.dumps(value).replace("\x7f", "\\u007f")
