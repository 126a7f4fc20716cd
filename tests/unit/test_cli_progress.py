"""Progress: plain lines, a bar on a terminal, or nothing; always on standard error."""

import asyncio
import sys

import pytest

from purge_core.cli.progress import Bar, Lines, Silence, Watch, watch
from purge_core.errors import Unavailable
from purge_core.records.journal import Mode
from purge_core.run import run
from tests.fakes import FakeRegistry
from tests.unit.planned import order, shop


def purge(registry: FakeRegistry, watching: Watch) -> None:
    """Do a whole purge and show it."""

    async def work() -> None:
        with watching:
            await run(registry, order(mode=Mode.PURGE), watching, asyncio.Event())

    asyncio.run(work())


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for whatever is worth one; hostile texts are harmless."""
    registry = shop()
    registry.push("idle", "a")
    registry.push("odd", "a")
    registry.fail("tags", Unavailable("\x1b[31mno"), repository="odd", times=None)
    watching = Watch(Lines())
    purge(registry, watching)
    out, err = capsys.readouterr()
    assert out == ""
    assert "looking at 3 repositories\n" in err
    assert "shop: 6 to delete\n" in err
    assert "shop: 6 deleted\n" in err
    assert "odd: not read: \\x1b[31mno\n" in err
    assert "idle" not in err
    assert watching.deleting


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing at all."""
    purge(shop(), watch(quiet=True))
    assert capsys.readouterr() == ("", "")


def test_bar_counts_repositories_and_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """The bar is taken away at the end."""
    bar = Bar()
    purge(shop(), Watch(bar))
    counted = {task.description: (task.completed, task.total) for task in bar.tasks}
    assert counted == {"planning": (1, 1), "deleting": (4, 4)}
    assert capsys.readouterr().out == ""


def test_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar for a terminal, lines for a pipe."""
    chosen = []
    for terminal in (True, False):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        with watch(quiet=False) as watching:
            chosen.append(type(watching.display))
    assert chosen == [Bar, Lines]
    assert type(watch(quiet=True).display) is Silence


def test_planning_deletes_nothing() -> None:
    """So an interrupt while planning need not wait for anything."""
    watching = Watch(Silence())

    async def plan() -> None:
        await run(shop(), order(), watching, asyncio.Event())

    asyncio.run(plan())
    assert not watching.deleting
