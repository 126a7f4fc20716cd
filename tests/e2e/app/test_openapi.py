"""The app against its own description: nothing undocumented is answered, and never a 500."""

from typing import Any

import pytest
import schemathesis
from hypothesis import assume, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from purge_core.http.openapi import openapi_document
from tests.e2e.app.world import World, fresh_name, images

pytestmark = pytest.mark.xdist_group("app")

load_all_checks()
NOT_OURS = [
    unsupported_method,  # the host answers 404 where no function has the method
    positive_data_acceptance,  # which registries and runs there are, no description can say
]

schema = schemathesis.openapi.from_dict(
    # Every request carries the key: what happens without it is a test of its own.
    {name: part for name, part in openapi_document().items() if name != "security"}
)


def test_the_app_serves_its_description(app: World) -> None:
    """What is tested below is what clients get."""
    assert app.get("/api/openapi.json").json() == openapi_document()


@pytest.fixture(scope="module")
def run(app: World) -> str:
    """Return a run that is planned and applied, with something of everything."""
    name = fresh_name()
    app.seed(images(name, 2))
    return str(app.purge(repositories=[name], mode="purge", wait=60).json()["id"])


@schema.parametrize()
@settings(max_examples=30)
def test_answers_are_as_described(case: Case[Any], app: World, run: str) -> None:
    """Whatever the description permits or forbids is answered as it says."""
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        make_real(case, app, run)
    # The host leaves empty values of a query out, so nobody can tell that they were there.
    assume(not any(value in ("", [], {}) for value in (case.query or {}).values()))
    headers = {"x-functions-key": app.target.key}
    case.call_and_validate(base_url=app.target.url, headers=headers, excluded_checks=NOT_OURS)


def make_real(case: Case[Any], app: World, run: str) -> None:
    """Ask for the registry and a run that there are; touch nothing of others, and wait for none."""
    if isinstance(case.body, dict) and "registry" in case.body:
        case.body["registry"] = app.registry
        case.body["repositories"] = ["none/such"]
        case.body["wait"] = 0.1
    if "registry" in (case.query or {}):
        case.query["registry"] = app.registry
    if "id" in (case.path_parameters or {}) and len(case.path_parameters["id"]) % 2:
        case.path_parameters["id"] = run
