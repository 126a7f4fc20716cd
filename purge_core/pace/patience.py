"""How often one request is repeated."""

from collections.abc import Sequence
from typing import Final

from purge_core.errors import Unavailable, Untrusted

PAUSES: Final = (0.25, 0.5, 1.0)
"""Seconds before each repetition of a request that got no usable answer."""
LONGEST_WAIT: Final = 300.0
"""Seconds that a registry may ask for, and that are waited for, at most."""

_MOST_INVITATIONS: Final = 30


class Patience:
    """How often one request is repeated.

    A registry that says when to come back is asked many times, any other only a few. One
    that wants to be left alone for longer than is ever waited for is not asked again, nor
    is what has been repeated already.
    """

    def __init__(self, pauses: Sequence[float] = PAUSES) -> None:
        """Begin with all repetitions left: one after each of ``pauses``."""
        self._pauses = iter(pauses)
        self._first = next(iter(pauses), 0.0)
        self._invitations = _MOST_INVITATIONS

    def after(self, error: Unavailable) -> float | None:
        """Give the seconds to rest before the next repetition; ``None``: no more of them.

        A wait that the registry asks for comes on top, at the gate.
        """
        if error.repeated or isinstance(error, Untrusted):
            return None
        if (error.retry_after or 0.0) > LONGEST_WAIT:
            return None
        if error.retry_after is None or self._invitations == 0:
            return next(self._pauses, None)
        self._invitations -= 1
        return self._first
