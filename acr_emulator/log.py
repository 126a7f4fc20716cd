"""What was asked and answered: the entries, and the counts by kind."""

from collections import Counter, deque
from dataclasses import asdict, dataclass

from acr_emulator.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request and its answer.

    `kind` is CHALLENGE when the answer was 401, else what was asked (`asked` says that in both
    cases). `status` 0 means that no answer was sent. `at` is the registry's clock, in ticks.
    """

    number: int
    at: int
    method: str
    path: str
    kind: Kind
    asked: Kind
    repository: str
    reference: str
    status: int
    identity: str | None

    def wire(self) -> dict[str, object]:
        """The JSON form."""
        return asdict(self)


class RequestLog:
    """The newest `size` entries, and counts of all."""

    def __init__(self, *, size: int) -> None:
        self.entries: deque[Entry] = deque(maxlen=size)
        self.counts: Counter[Kind] = Counter()
        self.statuses: Counter[int] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0

    def enter(self) -> None:
        """Note that a request has come in."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def leave(self, entry: Entry) -> None:
        """Note that a request was answered."""
        self.in_flight -= 1
        self.entries.append(entry)
        self.counts[entry.kind] += 1
        self.statuses[entry.status] += 1

    def reset(self) -> None:
        """Forget everything but what is under way."""
        self.entries.clear()
        self.counts.clear()
        self.statuses.clear()
        self.most_in_flight = self.in_flight

    @property
    def total(self) -> int:
        """How many requests were answered."""
        return self.counts.total()

    def of(self, *kinds: Kind) -> list[Entry]:
        """The remembered entries of these kinds, oldest first."""
        return [entry for entry in self.entries if entry.kind in kinds]

    def summary(self) -> dict[str, object]:
        """The JSON form of the counts; every kind that occurred."""
        return {
            "total": self.total,
            "most_in_flight": self.most_in_flight,
            "counts": {kind.value: count for kind, count in sorted(self.counts.items())},
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
        }
