"""The lines in the log that tell of runs, for programs: a name, and a JSON object on one line.

The alerts of infra/ count and read these lines, so host.json excludes the log from sampling;
names and members are an interface (docs/reports.md).
"""

import json
from typing import Final

from purge_core.records.store_records import RunRecord, RunState

RUN_BEGAN: Final = "purge-run-began"
RUN_ENDED: Final = "purge-run-ended"


def began_line(run: RunRecord, repositories: int) -> str:
    """Tell that a run has found the ``repositories`` that it is going to judge."""
    return f"{RUN_BEGAN} {json.dumps({**_about(run), 'repositories': repositories})}"


def ended_line(run: RunRecord, state: RunState, troubled: int) -> str:
    """Tell how a run ended, and how many of its repositories somebody should look at."""
    return f"{RUN_ENDED} {json.dumps({**_about(run), 'state': state.value, 'troubled': troubled})}"


def _about(run: RunRecord) -> dict[str, str]:
    return {
        "run": run.id,
        "registry": run.registry,
        "trigger": run.trigger.value,
        "mode": run.mode.value,
    }
