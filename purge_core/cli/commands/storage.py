"""``storage``: what a registry stores, and what keeps the most of it."""

from typing import Final

import click

from purge_core.cli.commands.options import (
    CONCURRENCY,
    CONTEXT,
    MANIFEST_CACHE,
    OUTPUT,
    REGISTRY,
    collected,
    several,
)
from purge_core.cli.given import StorageOptions

_EPILOG: Final = """\b
Examples:
  acr-purge storage -r contoso
  acr-purge storage -r contoso --policy purge-policy.yaml
"""


@click.command("storage", epilog=_EPILOG, context_settings=CONTEXT)
@several(
    REGISTRY,
    click.option(
        "--policy",
        metavar="POLICY",
        help="Also say what this policy would free, and which images keep the rest.",
    ),
    MANIFEST_CACHE,
    CONCURRENCY,
    OUTPUT,
)
@collected(StorageOptions)
def command(options: StorageOptions) -> int:
    """Say what the registry stores, every blob once, and which repositories need it.

    Looks at every manifest, most of which are remembered after the first time.
    Says what storage costs where PURGE_SKU names the tier, at the price in
    PURGE_STORAGE_PRICE (0.003 USD per GiB and day). Nothing is deleted.
    """
    from purge_core.cli.stocktaking import take_stock

    return take_stock(options)
