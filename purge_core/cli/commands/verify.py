"""``verify``: whether anything that stays has lost a part, and who lost it."""

from typing import Final

import click

from purge_core.cli.commands.journal_option import JournalCommand
from purge_core.cli.commands.options import (
    CONCURRENCY,
    CONTEXT,
    MANIFEST_CACHE,
    OUTPUT,
    REGISTRY,
    REPOSITORY,
    collected,
    several,
)
from purge_core.cli.given import JOURNAL_OPTION, VerifyOptions

_EPILOG: Final = """\b
Examples:
  acr-purge verify -r contoso
  acr-purge verify -r contoso --repository shop/cart -o json
  Who deleted what is missing? And did this run?
    acr-purge verify -r contoso --journal
    acr-purge verify -r contoso --run 20261121T010000.000Z-3f9a1c2b4d
"""


@click.command("verify", cls=JournalCommand, epilog=_EPILOG, context_settings=CONTEXT)
@several(
    REGISTRY,
    REPOSITORY,
    click.option(
        "--run",
        metavar="ID",
        help="Look at what this recorded run deleted from, and tell its losses from others.",
    ),
    click.option(
        JOURNAL_OPTION,
        metavar="[ADDRESS]",
        help="Ask the records at this address, or at that in PURGE_JOURNAL, which run deleted "
        "what is missing. --run implies it.",
    ),
    MANIFEST_CACHE,
    CONCURRENCY,
    OUTPUT,
)
@collected(VerifyOptions)
def command(options: VerifyOptions) -> int:
    """Say whether an index lacks what it lists, or an image what referred to it.

    Looks at what is there now, and tells apart what the run deleted, what another
    run deleted, what was missing before, and what somebody else deleted. Exit
    code 3: a run on record (with --run: this run) has deleted what was needed, or
    something could not be looked at. Nothing is deleted.
    """
    from purge_core.cli.verifying import verify

    return verify(options)
