"""Which key opens which function."""

import pytest

from devhost.functions import AuthLevel
from devhost.keys import Keys

KEYS = Keys(master="master-key", host="host-key")


@pytest.mark.parametrize(
    ("level", "opened_by"),
    [
        (AuthLevel.ANONYMOUS, {"none", "wrong", "other", "own", "host", "master"}),
        (AuthLevel.FUNCTION, {"own", "host", "master"}),
        (AuthLevel.ADMIN, {"master"}),
    ],
)
def test_level_decides(level: AuthLevel, opened_by: set[str]) -> None:
    """Each level accepts its keys and no other."""
    offered = {
        "none": None,
        "wrong": "wrong",
        "other": KEYS.of_function("other"),
        "own": KEYS.of_function("work"),
        "host": KEYS.host,
        "master": KEYS.master,
    }
    assert {name for name, key in offered.items() if KEYS.opens(level, "work", key)} == opened_by


def test_keys_of_the_environment_stay() -> None:
    """A restarted host has the keys that it had."""
    environ: dict[str, str] = {}
    first = Keys.from_environ(environ)
    assert first.master != first.host
    assert Keys.from_environ(environ) == first
