"""``apply``: carry out exactly a plan that was kept."""

from typing import Final

import click

from purge_core.cli.commands.journal_option import JOURNAL, JournalCommand
from purge_core.cli.commands.options import (
    CONCURRENCY,
    CONTEXT,
    EXACT_BYTES,
    MANIFEST_CACHE,
    OUTPUT,
    QUIET,
    VERBOSE,
    VERIFY,
    collected,
    several,
)
from purge_core.cli.given import ApplyOptions

_EPILOG: Final = """\b
Examples:
  acr-purge plan -r contoso --policy purge-policy.yaml --out plan.json
  acr-purge apply plan.json
  acr-purge apply plan.json -o json > run.json
"""


@click.command("apply", cls=JournalCommand, epilog=_EPILOG, context_settings=CONTEXT)
@click.argument("plan", metavar="FILE")
@several(JOURNAL, EXACT_BYTES, VERIFY, MANIFEST_CACHE, CONCURRENCY, OUTPUT, VERBOSE, QUIET)
@collected(ApplyOptions)
def command(options: ApplyOptions) -> int:
    """Carry out exactly the plan in FILE (- reads standard input).

    Before each deletion it is looked up whether the item is still what it was
    when the plan was made; what changed since stays. A plan that was altered is
    refused.
    """
    from purge_core.cli.applying import apply

    return apply(options)
