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


@pytest.mark.parametrize("mode", [(), ("--dry-run",)])
def test_interrupt_while_planning_deletes_nothing(shop: Shop, mode: tuple[str, ...]) -> None:
    """It ends at once, and its document holds what was read by then."""
    fault = '  - {method: GET, path: "{shop}/web", effect: slow, delay: 20}'
    images = "\n    images:\n      - {tags: [a], age: 30d}"
    shop.seed(f'  "{{shop}}/api":{images}\n  "{{shop}}/web":{images}', f"faults:\n{fault}")
    filters = ("--filter", "{shop}/web:.*", "--filter", "{shop}/api:.*")
    process = shop.start("purge", *filters, "--ago", "1d", "-o", "json", *mode)
    assert process.stderr is not None
    assert process.stderr.readline() == "looking at 2 repositories\n"
    assert process.stderr.readline() == f"[1/2] {shop.prefix}/api: 1 to delete\n"
    process.send_signal(signal.SIGINT)
    result = finish(process)
    assert result.code == 130
    jsonschema.validate(result.document, run_schema())
    assert result.document["interrupted"] is True
    (read,) = result.document["repositories"]
    assert (read["repository"], read["state"]) == (f"{shop.prefix}/api", "planned")
    assert [tag["verdict"] for tag in read["tags"]] == ["delete"]
    assert shop.tags("web") == shop.tags("api") == {"a"}
    assert "nothing was deleted" in result.err
