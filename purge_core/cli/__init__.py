"""The command line: a thin shell around the use cases. ``main`` is the whole of it."""

from purge_core.cli.program import main

__all__ = ["main"]
