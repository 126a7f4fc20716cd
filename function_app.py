"""The Function app: each function reads its trigger, calls one use case, and returns or fails.

What a cold start does not need is imported inside of the functions.
"""

import os
from pathlib import Path

import azure.functions as func

ROOT = Path(__file__).parent
STORAGE = "AzureWebJobsStorage"
SCHEDULE = "%PURGE_SCHEDULE%" if os.environ.get("PURGE_SCHEDULE") else "0 0 1 * * *"
"""The host replaces the setting; where there is none, it has to be told the default."""

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.timer_trigger(arg_name="timer", schedule=SCHEDULE, run_on_startup=False, use_monitor=True)
async def nightly(timer: func.TimerRequest) -> None:
    """Begin the night's run of every registry."""
    from purge_core.hosting import open_service
    from purge_core.service.starting import start_nightly

    async with open_service(ROOT) as service:
        await start_nightly(service, past_due=timer.past_due)


@app.queue_trigger(arg_name="message", queue_name="purge-work", connection=STORAGE)
async def work(message: func.QueueMessage) -> None:
    """Do one piece of a run."""
    from purge_core.hosting import open_service
    from purge_core.messages import read_message
    from purge_core.service.working import work as work_on

    wanted = read_message(message.get_body().decode())
    async with open_service(ROOT) as service:
        await work_on(service, wanted, message.id or "")


@app.queue_trigger(arg_name="message", queue_name="purge-work-poison", connection=STORAGE)
async def mark_failed(message: func.QueueMessage) -> None:
    """Record what failed again and again."""
    from purge_core.hosting import open_service
    from purge_core.messages import read_message
    from purge_core.service.failing import mark_failed as record_failure

    wanted = read_message(message.get_body().decode())
    async with open_service(ROOT) as service:
        await record_failure(service, wanted)
