"""`python -m acr_emulator`: serve a registry until interrupted."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from acr_emulator.errors import ScenarioError
from acr_emulator.scenario import Scenario
from acr_emulator.server import Emulator


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when it was stopped, 2 for bad input."""
    given = _parser().parse_args(arguments)
    try:
        scenario = Scenario.of({}) if given.scenario is None else Scenario.load(given.scenario)
        emulator = Emulator.of(scenario, host=given.host, port=given.port, ca_file=given.ca_file)
    except (ScenarioError, OSError, ValueError) as error:
        sys.stderr.write(f"acr_emulator: {error}\n")
        return 2
    asyncio.run(_serve(emulator))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m acr_emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--ca-file", type=Path, help="where to write the authority's certificate")
    parser.add_argument("--scenario", type=Path, help="a scenario file (YAML)")
    return parser


async def _serve(emulator: Emulator) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with emulator:
        ready = {
            "url": emulator.url,
            "login_server": emulator.login_server,
            "ca_file": str(emulator.ca_file),
        }
        print(json.dumps(ready), flush=True)
        await stopped.wait()


if __name__ == "__main__":
    sys.exit(main())
