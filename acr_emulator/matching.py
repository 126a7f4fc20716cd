"""Which requests a fault or a hook means."""

import re
from dataclasses import dataclass, field

from acr_emulator.kinds import Kind


@dataclass(slots=True, kw_only=True)
class Match:
    """Counts the requests that fit, and says of each whether it is meant.

    `path` and `method` are regular expressions, searched for in the decoded path and matched
    against the whole method. `number` is a request's place in the order of arrival. The first
    `after` that fit are passed over, then `times` are meant (None: all), of those every
    `every`-th.
    """

    path: str = ""
    method: str = ""
    kind: Kind | None = None
    number: int | None = None
    after: int = 0
    times: int | None = None
    every: int = 1
    _seen: int = field(default=0, init=False)
    _meant: int = field(default=0, init=False)

    def takes(self, *, number: int, method: str, path: str, kind: Kind) -> bool:
        """Whether this request is meant; counts it when it fits."""
        if not self._fits(number=number, method=method, path=path, kind=kind):
            return False
        self._seen += 1
        turn = self._seen - self.after
        if turn < 1 or turn % self.every or self.spent:
            return False
        self._meant += 1
        return True

    @property
    def spent(self) -> bool:
        """Whether no further request can be meant."""
        return self.times is not None and self._meant >= self.times

    def _fits(self, *, number: int, method: str, path: str, kind: Kind) -> bool:
        return (
            (self.kind is None or self.kind is kind)
            and (self.number is None or self.number == number)
            and (not self.method or re.fullmatch(self.method, method) is not None)
            and (not self.path or re.search(self.path, path) is not None)
        )
