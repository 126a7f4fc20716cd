"""``explain``: why a repository, tag or image stays or goes."""

from typing import Final

import click

from purge_core.cli.commands.options import (
    AT,
    CONTEXT,
    MANIFEST_CACHE,
    OUTPUT,
    POLICY,
    REGISTRY,
    collected,
    several,
)
from purge_core.cli.given import ExplainOptions

_EPILOG: Final = """\b
Examples:
  acr-purge explain -r contoso --policy purge-policy.yaml shop/cart
  acr-purge explain -r contoso --policy purge-policy.yaml shop/cart:v1
  acr-purge explain -r contoso shop/cart@sha256:4f53... \\
    --policy "acr purge --filter 'shop/.*:.*' --ago 30d --untagged"
"""


@click.command("explain", epilog=_EPILOG, context_settings=CONTEXT)
@click.argument("target", metavar="REPOSITORY[:TAG|@DIGEST]")
@several(REGISTRY, POLICY, AT, MANIFEST_CACHE, OUTPUT)
@collected(ExplainOptions)
def command(options: ExplainOptions) -> int:
    """Say why a repository, a tag or an image stays or goes.

    Gives every reason with its evidence and, where only time stands against it,
    from when on it would be deleted; for an image also its tags, the indexes
    that list it, what it lists, and what belongs to it.
    """
    from purge_core.cli.explaining import explain

    return explain(options)
