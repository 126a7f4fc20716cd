"""What ``forecast`` does, apart from reading its options."""

import asyncio
from functools import partial

from purge_core.cli import console
from purge_core.cli.connecting import connected, with_manifest_cache
from purge_core.cli.exits import Exit
from purge_core.cli.given import ForecastOptions
from purge_core.cli.policies import find_policy, warn_of_notes
from purge_core.cli.requests import Inputs, Request, Wishes, make_request
from purge_core.cli.used import with_used
from purge_core.forecasting import forecast as play
from purge_core.records.forecasts import Forecast
from purge_core.records.journal import Mode
from purge_core.report.forecast import forecast_document, forecast_lines


def forecast(options: ForecastOptions) -> int:
    """Read the registry, play the nights through, and tell."""
    inputs = Inputs.read(options.registry, partial(find_policy, options.policy))
    warn_of_notes(inputs.source)
    wishes = Wishes(
        policy=inputs.source.policy,
        registry=options.registry,
        mode=Mode.PLAN,
        repositories=options.repositories,
        concurrency=options.concurrency,
    )
    request = with_used(make_request(wishes, inputs.settings))
    request = with_manifest_cache(request, options.manifest_cache)
    told = asyncio.run(_play(request, options.nights))
    if options.output == "json":
        console.emit(forecast_document(told))
    else:
        console.say(forecast_lines(told))
    return _exit_of(told)


async def _play(request: Request, nights: int) -> Forecast:
    async with connected(request) as registry:
        return await play(registry, request.order, nights)


def _exit_of(told: Forecast) -> Exit:
    """Give the code of a plan: 3 where something is refused, held or could not be read."""
    refused = any(each.refusals or each.error for each in told.repositories)
    return Exit.TROUBLE if refused or any(n.held for n in told.nights) else Exit.DONE
