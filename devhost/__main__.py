"""`python -m devhost`: run a Function app until SIGTERM or Ctrl-C.

The first line on standard output is a JSON document: the address, the functions, the keys.
Everything else, what the app prints included, goes to standard error. Exit codes: 0 ended on
request, 1 the app or its settings cannot be used, 2 wrong command line. When a function outlives
functionTimeout, the process starts over on the same port (or, with --exit-on-timeout, ends with
exit code 3), and everything that ran beside it is lost, as in the cloud.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from devhost.errors import ConfigurationError, HostError
from devhost.host import Options, print_ready, run_app
from devhost.queue_listener import Pace
from devhost.settings import LocalSettings, load_local_settings

EXIT_UNUSABLE = 1
EXIT_TIMEOUT = 3
DEFAULT_PORT = 7071

log = logging.getLogger("devhost")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    given = _parser().parse_args(arguments)
    _log_to_stderr()
    sys.stdout = sys.stderr  # what the app prints must not stand before the ready line
    started_in = Path.cwd()
    try:
        options = _prepare(given)
        address = {"port": options.port}

        def announce(document: Mapping[str, object]) -> None:
            address["port"] = int(str(document["url"]).rsplit(":", 1)[1])
            print_ready(document)

        def restart() -> None:
            _end_worker(given, started_in, address["port"])

        asyncio.run(run_app(options, announce, restart))
    except HostError as error:
        log.error("%s", error)  # noqa: TRY400  the reason is the message; a traceback would bury it
        return EXIT_UNUSABLE
    except OSError as error:
        log.error("cannot serve: %s", error)  # noqa: TRY400
        return EXIT_UNUSABLE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devhost", description=__doc__)
    parser.add_argument("--app", type=Path, default=Path(), help="folder of function_app.py")
    parser.add_argument(
        "--settings", type=Path, help="default: local.settings.json of the app, where there is one"
    )
    parser.add_argument("--port", type=int, help=f"0 for a free one; default {DEFAULT_PORT}")
    parser.add_argument("--timers", action="store_true", help="let timers fire on their schedule")
    parser.add_argument(
        "--invisibility",
        type=int,
        default=Pace().invisibility,
        metavar="SECONDS",
        help="how long a queue message stays hidden after this process dies (default: %(default)s)",
    )
    parser.add_argument(
        "--exit-on-timeout", action="store_true", help="end instead of starting over"
    )
    return parser


def _prepare(given: argparse.Namespace) -> Options:
    """Set up the environment of the app as the host does, and go into its folder."""
    app: Path = given.app.resolve()
    if not app.is_dir():
        raise ConfigurationError(f"{app} is not a folder")
    settings = _local_settings(app, given.settings)
    for name, value in settings.values.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    os.environ["AzureWebJobsScriptRoot"] = str(app)  # noqa: SIM112  the host's own spelling
    os.chdir(app)
    port = given.port if given.port is not None else settings.port
    return Options(
        app=app,
        port=DEFAULT_PORT if port is None else port,
        timers=given.timers,
        pace=Pace(invisibility=given.invisibility),
    )


def _local_settings(app: Path, named: Path | None) -> LocalSettings:
    if named is not None:
        return load_local_settings(named)
    usual = app / "local.settings.json"
    return load_local_settings(usual) if usual.exists() else LocalSettings()


def _end_worker(given: argparse.Namespace, started_in: Path, port: int) -> None:
    """End this process without a farewell, as the host kills a worker that ran too long."""
    sys.stderr.flush()
    if given.exit_on_timeout:
        os._exit(EXIT_TIMEOUT)
    log.critical("starting over")
    os.chdir(started_in)
    os.execv(sys.executable, [*sys.orig_argv, "--port", str(port)])  # noqa: S606


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="[%(asctime)s] %(levelname)s %(name)s: %(message)s",
    )
    # The runtime's own chatter, and a line for every poll of a queue.
    for name in ("azure.functions", "azure.core.pipeline.policies.http_logging_policy"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Threads of the app that still work must not hold the process.
    os._exit(code)
