"""``schema``: the JSON Schemas of the documents that the program writes and reads."""

from typing import Final

import click

from purge_core.cli.options import CONTEXT

_HELP: Final = """Print the JSON Schema of a document.

\b
run          what `purge`, `plan` and `apply` write with `-o json`
plan         what `plan --out` keeps
policy       what `--policy` takes
explanation  what `explain` writes with `-o json`
forecast     what `forecast` writes with `-o json`
difference   what `policy diff` writes with `-o json`
checkup      what `doctor` writes with `-o json`
"""
_DOCUMENTS: Final = ("run", "plan", "policy", "explanation", "forecast", "difference", "checkup")
_EPILOG: Final = """\b
Examples:
  acr-purge schema run > run.schema.json
  acr-purge schema plan
"""


@click.command("schema", help=_HELP, epilog=_EPILOG, context_settings=CONTEXT)
@click.argument("document", type=click.Choice(_DOCUMENTS))
def command(document: str) -> int:
    """Print the JSON Schema of a document."""
    import json

    from purge_core.cli import console

    console.emit([json.dumps(_schema(document), indent=2), "\n"])
    return 0


def _schema(document: str) -> dict[str, object]:
    if document == "plan":
        from purge_core.plans.document import plan_schema

        return plan_schema()
    if document == "policy":
        from purge_core.policies.document import policy_schema

        return policy_schema()
    if document == "explanation":
        from purge_core.report.explain_document import explanation_schema

        return explanation_schema()
    if document == "forecast":
        from purge_core.report.forecast import forecast_schema

        return forecast_schema()
    if document == "difference":
        from purge_core.report.difference import difference_schema

        return difference_schema()
    if document == "checkup":
        from purge_core.checkup.telling import checkup_schema

        return checkup_schema()
    from purge_core.report.run_schema import run_schema

    return run_schema()
