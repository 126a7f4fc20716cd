"""``forecast``: what the coming nights would delete."""

from typing import Final

import click

from purge_core.cli.commands.options import (
    CONCURRENCY,
    CONTEXT,
    MANIFEST_CACHE,
    OUTPUT,
    POLICY,
    REGISTRY,
    REPOSITORY,
    collected,
    several,
)
from purge_core.cli.given import ForecastOptions

_EPILOG: Final = """\b
Examples:
  acr-purge forecast -r contoso --policy purge-policy.yaml
  acr-purge forecast -r contoso --policy purge-policy.yaml --nights 90 -o json
"""


@click.command("forecast", epilog=_EPILOG, context_settings=CONTEXT)
@several(
    REGISTRY,
    POLICY,
    REPOSITORY,
    click.option(
        "--nights",
        metavar="N",
        type=click.IntRange(1, 366),
        default=30,
        help="How many nights, 1 to 366. Default: 30.",
    ),
    MANIFEST_CACHE,
    CONCURRENCY,
    OUTPUT,
)
@collected(ForecastOptions)
def command(options: ForecastOptions) -> int:
    """Say what the coming nights would delete, and free.

    The registry is read once. The first night is now, the others follow a day
    apart, as if nothing were pushed or changed. Nothing is deleted.
    """
    from purge_core.cli.forecasting import forecast

    return forecast(options)
