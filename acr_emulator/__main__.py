"""`python -m acr_emulator`: serve a registry until interrupted.

When it is ready it prints one line of JSON: url, login_server, ca_file.
"""

import argparse
import asyncio
import gc
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from acr_emulator.errors import ScenarioError
from acr_emulator.generate import Shape, Size, generate
from acr_emulator.scenario import Scenario
from acr_emulator.server import Emulator
from acr_emulator.times import parse_age, parse_time


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when it was stopped, 2 for bad input."""
    given = _parser().parse_args(arguments)
    try:
        emulator = _emulator(given)
    except (ScenarioError, OSError, ValueError) as error:
        sys.stderr.write(f"acr_emulator: {error}\n")
        return 2
    # What is there now stays: collections need not look at it.
    gc.freeze()
    asyncio.run(_serve(emulator))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m acr_emulator", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="a loopback address (%(default)s)")
    add("--port", type=int, default=0, help="0, the default, takes any free one")
    add("--ca-file", type=Path, help="where to write the authority's certificate")
    add("--option", action="append", default=[], metavar="NAME=VALUE", help="see options.py")
    content = parser.add_mutually_exclusive_group()
    content.add_argument("--scenario", type=Path, help="a scenario file (YAML)")
    content.add_argument("--generate", type=Shape, choices=list(Shape), help="a made-up registry")
    generated = parser.add_argument_group("with --generate")
    add = generated.add_argument
    add("--seed", type=int, default=1, help="the same seed, the same content (%(default)s)")
    add("--tags", type=int, default=1_000, help="how many in all (%(default)s)")
    add("--repositories", type=int, help="how many (mixed: one per 250 tags; else one)")
    add("--oldest", type=parse_age, default="730d", help="age of the first push (%(default)s)")
    add("--newest", type=parse_age, default="0d", help="age of the last push (%(default)s)")
    add("--now", type=parse_time, help="what ages count back from; the clock then stands there")
    return parser


def _emulator(given: argparse.Namespace) -> Emulator:
    scenario = Scenario.of({}) if given.scenario is None else Scenario.load(given.scenario)
    pairs = [text.partition("=") for text in given.option]
    scenario = scenario.with_options({name: value for name, _, value in pairs})
    address = {"host": given.host, "port": given.port, "ca_file": given.ca_file}
    if given.generate is None:
        return Emulator.of(scenario, **address)
    size = Size(
        tags=given.tags,
        repositories=given.repositories,
        oldest=given.oldest,
        newest=given.newest,
    )
    now = time.time_ns() // 100 if given.now is None else given.now
    registry = generate(given.generate, seed=given.seed, size=size, now=now)
    if given.now is None:
        registry.clock.run(speed=scenario.options.speed)
    return Emulator(registry, scenario.options, **address)


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
