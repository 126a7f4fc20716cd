"""``report``: what purges did, as one page for people, or as data."""

from typing import Final

import click

from purge_core.cli.commands.journal_option import FROM_JOURNAL, JournalCommand
from purge_core.cli.commands.options import CONTEXT, REGISTRY, collected, several
from purge_core.cli.given import ReportOptions

_MOST_DAYS: Final = 400
_EPILOG: Final = """\b
Examples:
  acr-purge report --out report.html
  acr-purge report -r contoso --days 365 --format csv --out nights.csv
  acr-purge report --run 20261121T010000.000Z-3f9a1c2b4d --format csv
"""


@click.command("report", cls=JournalCommand, epilog=_EPILOG, context_settings=CONTEXT)
@several(
    REGISTRY,
    click.option("--run", metavar="ID", help="Report on this run instead."),
    click.option("--repository", metavar="NAME", help="With --run: on this repository of it."),
    click.option(
        "--days",
        type=click.IntRange(1, _MOST_DAYS),
        default=90,
        metavar="N",
        help="How far back. Default: 90.",
    ),
    click.option(
        "--after",
        metavar="TOKEN",
        help="With --repository: go on where an earlier part ended (JSON and CSV).",
    ),
    FROM_JOURNAL,
    click.option(
        "--format",
        "form",
        type=click.Choice(["html", "json", "csv"]),
        default="html",
        help="One page that needs nothing else (default), a JSON document, or a table.",
    ),
    click.option("--out", metavar="FILE", help="Write to this file. Default: standard output."),
)
@collected(ReportOptions)
def command(options: ReportOptions) -> int:
    """Show what purges did: nights, bytes freed, what was refused or failed and why.

    Without --registry (or ACR_DEFAULT_REGISTRY): all registries of the journal.
    Nights without a run are those that PURGE_SCHEDULE names, where the app ever ran.
    """
    from purge_core.cli.reporting import report

    return report(options)
