"""The Function app: each function reads its trigger, calls one use case, and returns or fails.

What a cold start does not need is imported inside of the functions.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import azure.functions as func

if TYPE_CHECKING:
    from purge_core.http.exchange import Answer, Handler

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


@app.route(route="purges", methods=["POST"])
async def start_purge(req: func.HttpRequest) -> func.HttpResponse:
    """Plan or purge a registry."""
    from purge_core.http.purges import start

    return await _answered(req, start)


@app.route(route="runs/{id}/apply", methods=["POST"])
async def apply_run(req: func.HttpRequest) -> func.HttpResponse:
    """Carry out exactly the stored plan of a run."""
    from purge_core.http.purges import apply

    return await _answered(req, apply)


@app.route(route="runs", methods=["GET"])
async def list_runs(req: func.HttpRequest) -> func.HttpResponse:
    """List runs, newest first."""
    from purge_core.http.runs import list_runs as answer

    return await _answered(req, answer)


@app.route(route="runs/{id}", methods=["GET"])
async def show_run(req: func.HttpRequest) -> func.HttpResponse:
    """Show a run and its progress."""
    from purge_core.http.runs import show_run as answer

    return await _answered(req, answer)


@app.route(route="runs/{id}/repositories", methods=["GET"])
async def list_repositories(req: func.HttpRequest) -> func.HttpResponse:
    """List the repositories of a run."""
    from purge_core.http.runs import list_repositories as answer

    return await _answered(req, answer)


@app.route(route="runs/{id}/repositories/{*repository}", methods=["GET"])
async def show_repository(req: func.HttpRequest) -> func.HttpResponse:
    """Show what goes and what stays in one repository of a run."""
    from purge_core.http.runs import show_repository as answer

    return await _answered(req, answer)


@app.route(route="report", methods=["GET"])
async def report(req: func.HttpRequest) -> func.HttpResponse:
    """Show the registries at a glance."""
    from purge_core.http.reports import overview

    return await _answered(req, overview)


@app.route(route="report/runs/{id}", methods=["GET"])
async def report_run(req: func.HttpRequest) -> func.HttpResponse:
    """Show a run and its repositories."""
    from purge_core.http.reports import run

    return await _answered(req, run)


@app.route(route="report/runs/{id}/repositories/{*repository}", methods=["GET"])
async def report_repository(req: func.HttpRequest) -> func.HttpResponse:
    """Show every step in one repository of a run."""
    from purge_core.http.reports import repository

    return await _answered(req, repository)


@app.route(route="report/images", methods=["GET"])
async def report_image(req: func.HttpRequest) -> func.HttpResponse:
    """Show why a tag or an image stays or goes, and its history."""
    from purge_core.http.reports import image

    return await _answered(req, image)


@app.route(route="explain", methods=["GET"])
async def explain(req: func.HttpRequest) -> func.HttpResponse:
    """Say why a tag or an image stays or goes."""
    from purge_core.http.about import explain as answer

    return await _answered(req, answer)


@app.route(route="policy", methods=["GET"])
async def show_policy(req: func.HttpRequest) -> func.HttpResponse:
    """Show the deployed policy."""
    from purge_core.http.about import policy

    return await _answered(req, policy)


@app.route(route="metrics", methods=["GET"])
async def metrics(req: func.HttpRequest) -> func.HttpResponse:
    """Say in numbers how the latest runs went."""
    from purge_core.http.metrics import metrics as answer

    return await _answered(req, answer)


@app.route(route="openapi.json", methods=["GET"])
async def openapi(req: func.HttpRequest) -> func.HttpResponse:
    """Describe the interface."""
    from purge_core.http.about import openapi as answer

    return await _answered(req, answer)


@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger
    """Say that the app answers."""
    from purge_core.http.exchange import HEALTHY

    return _response(HEALTHY)


async def _answered(req: func.HttpRequest, handler: "Handler") -> func.HttpResponse:
    """Let a handler answer a request."""
    from functools import partial

    from purge_core.hosting import open_service
    from purge_core.http.exchange import Request
    from purge_core.http.serving import serve

    accept = req.headers.get("accept") or ""
    request = Request(req.route_params, req.params, req.get_body(), accept, req.url)
    return _response(await serve(partial(open_service, ROOT), handler, request))


def _response(answer: "Answer") -> func.HttpResponse:
    return func.HttpResponse(
        answer.body,
        status_code=answer.status,
        headers=dict(answer.headers),
        mimetype=answer.media_type,
        charset="utf-8",
    )
