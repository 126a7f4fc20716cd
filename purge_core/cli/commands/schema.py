"""``schema``: the JSON Schemas of the documents that the program writes and reads."""

from importlib import import_module
from typing import Final

import click

from purge_core.cli.commands.options import CONTEXT

_HELP: Final = """Print the JSON Schema of a document.

\b
run          what `purge`, `plan` and `apply` write with `-o json`
plan         what `plan --out` keeps
policy       what `--policy` takes
explanation  what `explain` writes with `-o json`
forecast     what `forecast` writes with `-o json`
difference   what `policy diff` writes with `-o json`
storage      what `storage` writes with `-o json`
verification what `verify` writes with `-o json`
report       what `report` writes with `--format json`
checkup      what `doctor` writes with `-o json`
notice       what a webhook is told of a run
"""
_EPILOG: Final = """\b
Examples:
  acr-purge schema run > run.schema.json
  acr-purge schema plan
"""

_PLACES: Final = {
    "run": ("report.run_schema", "run_schema"),
    "plan": ("plans.document", "plan_schema"),
    "policy": ("policies.document", "policy_schema"),
    "explanation": ("report.explain_document", "explanation_schema"),
    "forecast": ("report.forecast", "forecast_schema"),
    "difference": ("report.difference", "difference_schema"),
    "storage": ("report.stock", "stock_schema"),
    "verification": ("report.losses", "checks_schema"),
    "report": ("report.overview_schema", "report_schema"),
    "checkup": ("checkup.telling", "checkup_schema"),
    "notice": ("notices.document", "notice_schema"),
}
"""Where the schema of a document is made."""


@click.command("schema", help=_HELP, epilog=_EPILOG, context_settings=CONTEXT)
@click.argument("document", type=click.Choice(list(_PLACES)))
def command(document: str) -> int:
    """Print the JSON Schema of a document."""
    import json

    from purge_core.cli import console

    console.emit([json.dumps(_schema(document), indent=2), "\n"])
    return 0


def _schema(document: str) -> dict[str, object]:
    module, name = _PLACES[document]
    schema: dict[str, object] = getattr(import_module(f"purge_core.{module}"), name)()
    return schema
