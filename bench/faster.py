"""The command line for a registry whose time flies: `python -m bench.faster FACTOR COMMAND...`.

Where the development registry's clock and quota are faster by a factor, the limiter has to know of
it; nothing else differs from `acr-purge COMMAND...`.
"""

import sys
from functools import partial

from purge_core import bootstrap
from purge_core.cli.program import main
from purge_core.pace.quotas import Share


def run() -> int:
    """Run the command that follows the factor."""
    setattr(bootstrap, "Share", partial(Share, speed=float(sys.argv[1])))  # noqa: B010 - a name of it
    return main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(run())
