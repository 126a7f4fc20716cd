"""A small Function app that shows through HTTP and queues alone what its host did."""

import asyncio
import contextlib
import json
import os
import time
import uuid
from typing import List  # noqa: UP035  the runtime refuses `func.Out[list[str]]`

import azure.functions as func
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

INSTANCE = uuid.uuid4().hex
"""Another one after each start of the worker."""
STORAGE = "AzureWebJobsStorage"

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


def answer(**fields: object) -> func.HttpResponse:
    """Return a JSON response."""
    return func.HttpResponse(json.dumps(fields), mimetype="application/json")


def tell(queue: str, text: str) -> None:
    """Put a message into a queue at once, while the function still runs."""
    with QueueClient.from_connection_string(os.environ[STORAGE], queue) as client:
        with contextlib.suppress(ResourceExistsError):
            client.create_queue()
        client.send_message(text)


@app.route(route="items/{id}", methods=["GET", "POST"])
async def item(req: func.HttpRequest) -> func.HttpResponse:
    """Answer what arrived."""
    return answer(
        id=req.route_params["id"],
        method=req.method,
        query=dict(req.params),
        header=req.headers.get("x-sample"),
        body=req.get_body().decode(),
    )


@app.route(route="files/{owner}/{*path}", methods=["GET"])
async def file(req: func.HttpRequest) -> func.HttpResponse:
    """Answer the route's values; the path may hold slashes."""
    return answer(**req.route_params)


@app.route(route="files/{owner}/index", methods=["GET"])
def file_index(req: func.HttpRequest) -> func.HttpResponse:
    """Take precedence over the catch-all route."""
    return answer(index_of=req.route_params["owner"])


@app.route(route="open", auth_level=func.AuthLevel.ANONYMOUS)
async def open_to_all(req: func.HttpRequest) -> func.HttpResponse:
    """Answer which instance of the worker this is."""
    return answer(instance=INSTANCE)


@app.route(route="created", methods=["POST"])
async def created(req: func.HttpRequest) -> func.HttpResponse:
    """Answer with a status and a header of its own."""
    return func.HttpResponse(status_code=202, headers={"Location": "/api/items/7"})


@app.route(route="broken")
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    """Fail."""
    raise RuntimeError("this function always fails")


@app.route(route="sleep/{seconds}")
async def sleep(req: func.HttpRequest) -> func.HttpResponse:
    """Take a while."""
    await asyncio.sleep(float(req.route_params["seconds"]))
    return answer(slept=True)


@app.route(route="text-output", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="%SAMPLE_DONE%", connection=STORAGE)
def text_output(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    """Hand the body to a queue as one text."""
    out.set(req.get_body().decode())
    return answer()


@app.route(route="list-output", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="%SAMPLE_DONE%", connection=STORAGE)
def list_output(req: func.HttpRequest, out: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Hand the body's items to a queue as a list."""
    out.set(list(req.get_json()))
    return answer()


@app.timer_trigger(
    arg_name="timer", schedule="%SAMPLE_SCHEDULE%", run_on_startup=False, use_monitor=True
)
@app.queue_output(arg_name="out", queue_name="sample-ticks", connection=STORAGE)
def tick(timer: func.TimerRequest, out: func.Out[str]) -> None:
    """Say that it ran."""
    out.set(json.dumps({"past_due": timer.past_due, "instance": INSTANCE}))


@app.queue_trigger(arg_name="msg", queue_name="sample-first", connection=STORAGE)
@app.queue_output(arg_name="$return", queue_name="sample-second", connection=STORAGE)
def first(msg: func.QueueMessage) -> str:
    """Hand a message on by its return value."""
    return msg.get_body().decode() + " first"


@app.queue_trigger(arg_name="msg", queue_name="sample-second", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="%SAMPLE_DONE%", connection=STORAGE)
async def second(msg: func.QueueMessage, out: func.Out[str]) -> None:
    """Hand a message on by a parameter."""
    out.set(f"{msg.get_body().decode()} second {msg.dequeue_count}")


@app.queue_trigger(arg_name="msg", queue_name="sample-fails", connection=STORAGE)
def fails(msg: func.QueueMessage) -> None:
    """Fail every time, after saying which time it is."""
    tell("sample-attempts", str(msg.dequeue_count))
    raise RuntimeError("this function always fails")


@app.queue_trigger(arg_name="msg", queue_name="sample-fails-poison", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="sample-buried", connection=STORAGE)
def buried(msg: func.QueueMessage, out: func.Out[str]) -> None:
    """Take what nobody could process."""
    out.set(msg.get_body().decode())


@app.queue_trigger(arg_name="msg", queue_name="sample-slow", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="%SAMPLE_DONE%", connection=STORAGE)
async def slow(msg: func.QueueMessage, out: func.Out[str]) -> None:
    """Say that it began, then block for the message's seconds, but not the second time."""
    tell("sample-started", str(msg.dequeue_count))
    if msg.dequeue_count == 1:
        time.sleep(float(msg.get_body().decode()))  # noqa: ASYNC251  it shall block the worker
    out.set(f"slow {msg.dequeue_count}")
