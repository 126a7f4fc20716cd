"""The option ``--journal``, which may be given with an address or without."""

from collections.abc import Sequence
from typing import Any, Final

import click

from purge_core.cli.given import JOURNAL_OPTION

JOURNAL: Final[Any] = click.option(
    JOURNAL_OPTION,
    metavar="[ADDRESS]",
    help="Record the run in the tables of a storage account: at this address, or at that in "
    "PURGE_JOURNAL.",
)
FROM_JOURNAL: Final[Any] = click.option(
    JOURNAL_OPTION,
    metavar="[ADDRESS]",
    help="The storage account with the records. Default: PURGE_JOURNAL.",
)


class JournalCommand(click.Command):
    """Takes ``--journal`` with an address behind it or without."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; what follows the option is its value if it is an address."""
        return super().parse_args(ctx, _joined(args))


def _joined(arguments: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == JOURNAL_OPTION:
            address = not argument.startswith("-") and ("=" in argument or "://" in argument)
            joined[-1] = f"{JOURNAL_OPTION}={argument if address else ''}"
            if address:
                continue
        joined.append(argument)
    return [f"{JOURNAL_OPTION}=" if argument == JOURNAL_OPTION else argument for argument in joined]
