"""Timer triggers: run by hand, at start, and on their schedule."""

import json
from collections.abc import Callable
from pathlib import Path

from devhost.azurite import Azurite
from tests.host.conftest import SAMPLE_APP, Starter
from tests.host.target import Target

AT_START = """
import azure.functions as func
app = func.FunctionApp()

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
@app.queue_output(arg_name="out", queue_name="at-start", connection="AzureWebJobsStorage")
def at_start(timer: func.TimerRequest, out: func.Out[str]) -> None:
    out.set("ran")
"""


def test_manual_run(target: Target) -> None:
    """The admin endpoint starts a timer and does not wait for it."""
    ticks = target.queue("sample-ticks")
    ticks.clear()
    assert target.run_manually("tick").status == 202
    assert json.loads(ticks.take(1)[0])["past_due"] is False


def test_timer_fires_on_its_schedule(start_host: Starter, azurite: Azurite) -> None:
    """With a clock, a timer of every second fires by itself."""
    _, target = start_host(
        SAMPLE_APP, azurite.connection_string, "--timers", SAMPLE_SCHEDULE="* * * * * *"
    )
    assert len(target.queue("sample-ticks").take(2)) >= 2


def test_timer_may_run_at_start(
    start_host: Starter, azurite: Azurite, make_app: Callable[..., Path]
) -> None:
    """`run_on_startup` runs a timer once, without a clock too."""
    _, target = start_host(make_app(AT_START), azurite.connection_string)
    assert target.queue("at-start").take(1) == ["ran"]
