"""Ctrl-C, in good order: what is under way ends, is told, and the exit code is 130."""

import signal
import time
from collections.abc import Callable
from subprocess import Popen

import jsonschema
import pytest

from purge_core.report.run_schema import run_schema
from tests.e2e.shop import Shop, finish

TAGS = 60


@pytest.fixture
def slow(shop: Shop) -> Shop:
    """Seed a repository in which every delete takes a quarter of a second."""
    images = "\n".join(f"      - {{tags: [t{n}], age: 30d}}" for n in range(TAGS))
    fault = '  - {method: DELETE, path: "{shop}", effect: slow, delay: 0.25}'
    shop.seed(f'  "{{shop}}/web":\n    images:\n{images}', f"faults:\n{fault}")
    return shop


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def start(shop: Shop) -> Popen[str]:
    """Start a purge of one request at a time and wait until it has deleted something."""
    process = shop.start(
        *("purge", "--filter", "{shop}/web:.*", "--ago", "1d", "--concurrency", "1", "-o", "json")
    )
    wait_until(lambda: len(shop.tags("web")) < TAGS)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_purge_reports_what_it_did(slow: Shop, number: signal.Signals) -> None:
    """Every step has its outcome, and what is counted as deleted is what is gone."""
    process = start(slow)
    process.send_signal(number)
    result = finish(process)
    assert result.code == 130
    jsonschema.validate(result.document, run_schema())
    assert result.document["interrupted"] is True
    outcomes = result.document["totals"]["tags"]["outcomes"]
    assert outcomes["deleted"] == TAGS - len(slow.tags("web"))
    assert outcomes["deleted"] + outcomes["not-reached"] == TAGS
    assert outcomes["not-reached"] > 0


def test_second_interrupt_ends_at_once(slow: Shop) -> None:
    """Nothing more is told."""
    process = start(slow)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    result = finish(process)
    assert (result.code, result.out) == (130, "")


def test_interrupt_while_planning_deletes_nothing(shop: Shop) -> None:
    """There is nothing to finish, so it ends at once, with a document all the same."""
    fault = '  - {method: GET, path: "{shop}", effect: slow, delay: 20}'
    shop.seed('  "{shop}/web":\n    images:\n      - {tags: [a], age: 30d}', f"faults:\n{fault}")
    process = shop.start("purge", "--filter", "{shop}/web:.*", "--ago", "1d", "-o", "json")
    assert process.stderr is not None
    assert process.stderr.readline() == "looking at 1 repository\n"
    process.send_signal(signal.SIGINT)
    result = finish(process)
    assert result.code == 130
    assert result.document["repositories"] == []
    assert shop.tags("web") == {"a"}
    assert "nothing was deleted" in result.err
