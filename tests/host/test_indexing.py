"""An app that cannot be indexed is refused, with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from devhost.errors import ProcessFailed
from tests.host.conftest import Starter

NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://[::1]:9/a;"
)

HEAD = """
import typing
import azure.functions as func
app = func.FunctionApp()
"""

TIMER = """
@app.timer_trigger(arg_name="timer", schedule="{}")
def tick(timer: func.TimerRequest) -> None:
    pass
"""

OUTPUT = """
@app.timer_trigger(arg_name="timer", schedule="0 0 1 * * *")
@app.queue_output(arg_name="out", queue_name="{}", connection="{}")
def tick(timer: func.TimerRequest, out: func.Out[{}]) -> None:
    pass
"""

BAD_APPS = {
    "no functions": ("", "no functions"),
    "missing module": ("import no_such_module", "no_such_module"),
    "two apps": ("other = func.FunctionApp()", "More than one"),
    "same name twice": (TIMER.format("0 0 1 * * *") * 2, "tick"),
    "unknown parameter": (
        TIMER.format("0 0 1 * * *").replace("timer: ", "clock: "),
        "clock",
    ),
    "missing setting": (TIMER.format("%NO_SUCH_SETTING%"), "%NO_SUCH_SETTING%"),
    "five-field schedule": (TIMER.format("0 1 * * *"), "has 5 fields"),
    "schedule out of range": (TIMER.format("0 61 1 * * *"), "'61' is not a minute"),
    "wrong queue name": (OUTPUT.format("Purge_Work", "AzureWebJobsStorage", "str"), "Purge_Work"),
    "missing connection": (OUTPUT.format("purge-work", "Elsewhere", "str"), "'Elsewhere'"),
    "builtin list as output": (
        OUTPUT.format("purge-work", "AzureWebJobsStorage", "list[str]"),
        "cannot load the tick function",
    ),
}


@pytest.mark.parametrize("case", BAD_APPS)
def test_bad_app_is_refused(case: str, start_host: Starter, make_app: Callable[..., Path]) -> None:
    """The host ends with exit code 1 and says why."""
    code, reason = BAD_APPS[case]
    with pytest.raises(ProcessFailed) as failed:
        start_host(make_app(HEAD + code), NOWHERE)
    assert failed.value.exit_code == 1
    assert reason in failed.value.log


def test_all_problems_are_named(start_host: Starter, make_app: Callable[..., Path]) -> None:
    """One start shows everything that is wrong."""
    first = TIMER.format("%NO_SUCH_SETTING%")
    second = TIMER.format("often").replace("tick", "tock")
    with pytest.raises(ProcessFailed) as failed:
        start_host(make_app(HEAD + first + second), NOWHERE)
    assert "%NO_SUCH_SETTING%" in failed.value.log
    assert "'often' has 1 fields" in failed.value.log


def test_folder_without_an_app_is_refused(start_host: Starter, tmp_path: Path) -> None:
    """A folder without function_app.py has no functions."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    with pytest.raises(ProcessFailed, match=r"function_app\.py is missing"):
        start_host(tmp_path, NOWHERE)


def test_missing_host_json_is_refused(start_host: Starter, tmp_path: Path) -> None:
    """Without host.json there is no app."""
    with pytest.raises(ProcessFailed, match=r"host\.json does not exist"):
        start_host(tmp_path, NOWHERE)
