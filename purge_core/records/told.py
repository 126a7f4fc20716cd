"""Whether somebody was told of a run's end: for those who look why a message never came."""

from dataclasses import dataclass

from purge_core.instants import Instant


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told of the run's latest end; or nobody was, for the reason in ``error``."""

    at: Instant
    error: str | None = None
