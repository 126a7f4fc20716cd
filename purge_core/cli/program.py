"""The commands by name, and the one place where errors become exit codes."""

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click

from purge_core import __version__
from purge_core.cli import console
from purge_core.cli.exits import Exit, exit_of_error, lines_of_error
from purge_core.errors import PurgeError

_COMMANDS: Final = {
    "purge": "delete what the flags of `acr purge` (or a policy) select",
    "plan": "show what a policy would delete and why; keep it as a plan",
    "forecast": "say what the coming nights would delete, and free",
    "apply": "carry out exactly a plan that was kept",
    "explain": "say why a repository, tag or image stays or goes",
    "policy": "check a policy, show it, print its JSON Schema",
    "runs": "list the runs that were recorded",
    "run": "show what a recorded run did",
    "history": "say what purges did to a repository, tag or image",
    "report": "show what purges did: a page for people, JSON, or CSV",
    "verify": "say whether anything that stays is broken, and who broke it",
    "storage": "say what the registry stores, and what keeps the most of it",
    "repositories": "list the repositories of a registry",
    "doctor": "say what is missing to plan or to purge, and what mends it",
    "schema": "print the JSON Schemas of what this program writes",
}

_PLACES: Final = {name: ("records", name) for name in ("runs", "run", "history")}
"""Where a command is, unless it is ``command`` of the module with its name."""

_EPILOG: Final = """\b
Examples:
  acr-purge plan -r contoso --policy purge-policy.yaml
  acr-purge explain -r contoso --policy purge-policy.yaml shop/cart:v1
  acr-purge purge -r contoso --filter 'shop/.*:pr-.*' --ago 7d --dry-run

\b
Exit codes:
  0  done            1  could not work at all     130  interrupted
  2  bad input       3  something was denied, failed, refused or not reached
                     4  two policies that were compared do not do the same
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, or their help is."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name them in the order in which people need them."""
        return list(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import one."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _PLACES.get(cmd_name, (cmd_name, "command"))
        command: click.Command = getattr(import_module(f"purge_core.cli.commands.{module}"), name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name="acr-purge")
@click.option("--debug", is_flag=True, help="Show a traceback when the program is at fault.")
def program(*, debug: bool) -> None:
    """Purge an Azure container registry: plan, explain, delete.

    Everything that goes and everything that stays has a reason, and what a
    plan shows is exactly what is deleted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and give its exit code."""
    console.prepare()
    # It warns of each way to sign in that failed, a screenful per request; the error says it once.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(program.main(given, prog_name="acr-purge", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return Exit.BAD_INPUT
    except PurgeError as error:
        for line in lines_of_error(error):
            console.warn(line)
        return exit_of_error(error)
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        console.drop_output()
        return Exit.FATAL
    except Exception as error:
        if "--debug" in given:
            raise
        console.warn(f"internal error: {type(error).__name__}: {error}")
        console.warn("please report it; `acr-purge --debug ...` shows where it happened")
        return Exit.FATAL
