"""GET /api/explain, /api/policy and /api/openapi.json."""

from dataclasses import replace
from http import HTTPStatus

from purge_core.http.exchange import Answer, Request
from purge_core.http.openapi import openapi_document
from purge_core.http.problems import missing
from purge_core.http.queries import Query
from purge_core.http.subjects import asked_subject
from purge_core.policies.policy import Policy
from purge_core.policies.used_lists import source_shown
from purge_core.policies.writer import policy_document
from purge_core.report.explain_document import explanation_document
from purge_core.service.asking import accepted_registry
from purge_core.service.explaining import explain as explain_subject
from purge_core.service.ports import Service


async def explain(service: Service, request: Request) -> Answer:
    """Say why one tag or one image stays or goes."""
    query = Query.of(request, "registry", "repository", "tag", "digest", "at")
    name = query.needed("registry", "the name of a registry")
    subject = asked_subject(query)
    at = query.later("at", service.clock())
    query.check()
    registry = accepted_registry(service, name, "registry")
    explanation = await explain_subject(service, registry, subject, at)
    if not explanation.found:
        what = f"{subject.repository} has no such {'tag' if subject.digest is None else 'manifest'}"
        return missing("It is not in the registry", what)
    return Answer(HTTPStatus.OK, explanation_document(explanation, registry))


async def policy(service: Service, request: Request) -> Answer:
    """Show the deployed policy."""
    Query.of(request).check()
    options = service.options
    document, notes = policy_document(_without_secrets(options.policy))
    return Answer(
        HTTPStatus.OK,
        {"name": options.policy_name, "policy": document, "notes": list(notes)},
    )


def _without_secrets(deployed: Policy) -> Policy:
    """Leave out the queries of addresses: they may hold a signature."""
    lists = tuple(replace(used, source=source_shown(used.source)) for used in deployed.in_use)
    return replace(deployed, in_use=lists)


async def openapi(_service: Service, request: Request) -> Answer:
    """Describe the interface."""
    Query.of(request).check()
    return Answer(HTTPStatus.OK, openapi_document())
