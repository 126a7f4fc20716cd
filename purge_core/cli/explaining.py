"""What ``explain`` does, apart from reading its options."""

import asyncio
import json
from dataclasses import replace
from functools import partial
from typing import Final

from purge_core.cli import console
from purge_core.cli.connecting import connected, with_manifest_cache
from purge_core.cli.exits import Exit
from purge_core.cli.given import ExplainOptions
from purge_core.cli.later import at_time
from purge_core.cli.policies import find_policy
from purge_core.cli.requests import Inputs, Request, Wishes, make_request
from purge_core.cli.runs import Shown, show
from purge_core.cli.used import with_used
from purge_core.errors import InputError, NotFound, Problem
from purge_core.explaining import Judged, Subject, judge
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.records.journal import Mode
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.registry_names import may_name_repository
from purge_core.report.explain import (
    Explanation,
    explain_image,
    explain_tag,
    explanation_lines,
)
from purge_core.report.explain_document import explanation_document
from purge_core.wording import shown

_FORM: Final = "REPOSITORY, REPOSITORY:TAG or REPOSITORY@DIGEST"


def explain(options: ExplainOptions) -> int:
    """Judge what is asked about, and tell."""
    inputs = Inputs.read(options.registry, partial(find_policy, options.policy))
    wishes = Wishes(policy=inputs.source.policy, registry=options.registry, mode=Mode.PLAN)
    request = with_used(at_time(make_request(wishes, inputs.settings), options.at))
    request = with_manifest_cache(request, options.manifest_cache)
    subject = parse_subject(options.target, request.order.registry)
    judged = asyncio.run(_judge(request, subject))
    if subject.is_whole:
        return _show_repository(request, judged, options.output)
    explanation = _explanation(request, judged, subject)
    if not explanation.found:
        wanted = f"a tag or an image in {subject.repository}"
        raise InputError([Problem("REPOSITORY", shown(options.target), wanted)])
    if options.output == "json":
        document = explanation_document(explanation, request.order.registry)
        console.emit([json.dumps(document, indent=1), "\n"])
    else:
        console.say(explanation_lines(explanation))
    return Exit.DONE


def parse_subject(text: str, host: str) -> Subject:
    """Read a repository, tag or image as references are written, with the host or without.

    Raises:
        InputError: it is none.

    """
    bare = text.removeprefix(f"{host}/")
    name, at, digest = bare.partition("@")
    path, slash, last = name.rpartition("/")
    end, colon, tag = last.partition(":")
    repository = RepositoryName(f"{path}{slash}{end}" if not at else name)
    if not may_name_repository(repository) or (at and not digest) or (colon and not at and not tag):
        raise InputError([Problem("REPOSITORY", shown(text), _FORM)])
    if at:
        return Subject(repository, digest=Digest(digest))
    return Subject(repository, tag=TagName(tag) if colon else None)


async def _judge(request: Request, subject: Subject) -> Judged:
    async with connected(request) as registry:
        try:
            return await judge(registry, request.order, subject)
        except NotFound:
            wanted = f"a repository of {request.order.registry}"
            raise InputError([Problem("REPOSITORY", shown(subject.repository), wanted)]) from None


def _explanation(request: Request, judged: Judged, subject: Subject) -> Explanation:
    facts = (judged.snapshot, judged.decisions, request.order.now)
    if subject.tag is not None:
        explanation = explain_tag(*facts, subject.tag)
    else:
        explanation = explain_image(*facts, subject.digest or Digest(""))
    return replace(explanation, refusals=judged.refusals)


def _show_repository(request: Request, judged: Judged, output: str) -> int:
    """Tell of a whole repository what a plan of it alone would tell."""
    order = request.order
    state = State.REFUSED if judged.refusals else State.PLANNED
    result = RepositoryResult(
        judged.snapshot.name,
        state,
        judged.snapshot,
        judged.decisions,
        refusals=judged.refusals,
    )
    run = RunResult(order.registry, order.policy, order.now, (result,), read=order.read)
    show(request, run, Shown(output, verbose=True, quiet=True))
    return Exit.DONE
