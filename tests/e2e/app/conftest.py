"""One app for all tests that need none of their own."""

from collections.abc import Iterator

import pytest

from tests.e2e.app.world import World, external, running


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return an app at work: on the host that the environment names, else on ours."""
    other = external()
    if other is not None:
        yield other
        return
    with running(tmp_path_factory.mktemp("app")) as world:
        yield world
