"""One development registry per test process, and a corner of it for each test."""

from collections.abc import Iterator

import pytest

from acr_emulator.process import Served, serving
from tests.e2e.shop import Shop


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """Serve a development registry."""
    with serving() as running:
        yield running


@pytest.fixture
def shop(served: Served) -> Iterator[Shop]:
    """Give a corner of it; what a test arranged for other requests ends with the test."""
    yield Shop(served)
    served.admin("DELETE", "faults")
    served.admin("DELETE", "hooks")


@pytest.fixture
def own_shop() -> Iterator[Shop]:
    """Give a registry of its own, for commands that look at all of it."""
    with serving() as running:
        yield Shop(running)
