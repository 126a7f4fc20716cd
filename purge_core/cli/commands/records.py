"""``runs``, ``run`` and ``history``: what was recorded of earlier runs."""

from typing import Any, Final

import click

from purge_core.cli.commands.journal_option import FROM_JOURNAL, JournalCommand
from purge_core.cli.commands.options import CONTEXT, OUTPUT, REGISTRY, collected, several
from purge_core.cli.given import HistoryOptions, RunOptions, RunsOptions

_MOST: Final = 1000

_LIMIT: Final[Any] = click.option(
    "--limit", type=click.IntRange(1, _MOST), default=20, metavar="N", help="How many. Default: 20."
)
_AFTER: Final[Any] = click.option(
    "--after", metavar="TOKEN", help="Go on where an earlier list ended."
)

_RUNS: Final = """\b
Examples:
  acr-purge runs
  acr-purge runs -r contoso --limit 5 -o json
  acr-purge runs --journal https://contoso.table.core.windows.net
"""
_RUN: Final = """\b
Examples:
  acr-purge run 20261121T010000.000Z-3f9a1c2b4d
  acr-purge run 20261121T010000.000Z-3f9a1c2b4d --repository shop/cart
"""
_HISTORY: Final = """\b
Examples:
  acr-purge history -r contoso shop/cart
  Who deleted this tag, or this digest?
    acr-purge history -r contoso shop/cart:v1
    acr-purge history -r contoso shop/cart@sha256:4f53...
"""


@click.command("runs", cls=JournalCommand, epilog=_RUNS, context_settings=CONTEXT)
@several(REGISTRY, _LIMIT, _AFTER, FROM_JOURNAL, OUTPUT)
@collected(RunsOptions)
def runs(options: RunsOptions) -> int:
    """List the runs that were recorded, newest first.

    Without --registry (or ACR_DEFAULT_REGISTRY): those on every registry.
    """
    from purge_core.cli.remembering import list_runs

    return list_runs(options)


@click.command("run", cls=JournalCommand, epilog=_RUN, context_settings=CONTEXT)
@click.argument("run", metavar="ID")
@several(
    click.option("--repository", metavar="NAME", help="Show every step in this repository."),
    click.option("-v", "--verbose", is_flag=True, help="With --repository: what stays, too."),
    FROM_JOURNAL,
    OUTPUT,
)
@collected(RunOptions)
def run(options: RunOptions) -> int:
    """Show what a recorded run did: its repositories, and how they ended."""
    from purge_core.cli.remembering import show_run

    return show_run(options)


@click.command("history", cls=JournalCommand, epilog=_HISTORY, context_settings=CONTEXT)
@click.argument("target", metavar="REPOSITORY[:TAG|@DIGEST]")
@several(REGISTRY, _LIMIT, _AFTER, FROM_JOURNAL, OUTPUT)
@collected(HistoryOptions)
def history(options: HistoryOptions) -> int:
    """Say what purges did to a repository, a tag or an image, newest first.

    When, by which rule, in which run, and how it ended.
    """
    from purge_core.cli.remembering import tell_history

    return tell_history(options)
