"""``plan``: what a policy would delete and why, shown, and kept when wanted."""

from typing import Final

import click

from purge_core.cli.commands.journal_option import JOURNAL, JournalCommand
from purge_core.cli.commands.options import (
    AT,
    CONCURRENCY,
    CONTEXT,
    EXACT_BYTES,
    MANIFEST_CACHE,
    OUTPUT,
    POLICY,
    QUIET,
    REGISTRY,
    REPOSITORY,
    VERBOSE,
    collected,
    several,
)
from purge_core.cli.given import PlanOptions

_EPILOG: Final = """\b
Examples:
  acr-purge plan -r contoso --policy purge-policy.yaml
  acr-purge plan -r contoso --policy purge-policy.yaml --repository shop/cart
  acr-purge plan --policy "acr purge -r contoso --filter 'a:.*' --ago 7d"
  Keep the plan, have it looked at, and carry out exactly that:
    acr-purge plan -r contoso --policy purge-policy.yaml --out plan.json
    acr-purge apply plan.json
  What would go at Christmas, if nothing is pushed until then?
    acr-purge plan -r contoso --policy purge-policy.yaml --at 2026-12-24
"""


@click.command("plan", cls=JournalCommand, epilog=_EPILOG, context_settings=CONTEXT)
@several(
    REGISTRY,
    POLICY,
    REPOSITORY,
    AT,
    click.option("--out", metavar="FILE", help="Also keep the plan, for `acr-purge apply`."),
    JOURNAL,
    EXACT_BYTES,
    MANIFEST_CACHE,
    CONCURRENCY,
    OUTPUT,
    VERBOSE,
    QUIET,
)
@collected(PlanOptions)
def command(options: PlanOptions) -> int:
    """Show what a policy would delete, and why. Nothing is deleted."""
    from purge_core.cli.planning import plan

    return plan(options)
