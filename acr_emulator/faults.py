"""Faults: answers that go wrong on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

from acr_emulator.matching import Match
from acr_emulator.wire.call import Call


@unique
class Effect(StrEnum):
    """What goes wrong.

    STATUS answers with a status, headers and body of the fault's own. RESET tears the connection.
    TIMEOUT never answers. TRUNCATE sends half of the body and tears the connection. GARBAGE
    answers 200 with bytes that mean nothing. SLOW waits `delay` seconds before the true answer.
    """

    STATUS = "status"
    RESET = "reset"
    TIMEOUT = "timeout"
    TRUNCATE = "truncate"
    GARBAGE = "garbage"
    SLOW = "slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with the requests that `match` means.

    With `done` the request takes effect all the same and only its answer is spoilt: a lost reply.
    TRUNCATE and SLOW always carry it out.
    """

    match: Match = field(default_factory=Match)
    effect: Effect = Effect.STATUS
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    done: bool = False

    @property
    def silent(self) -> bool:
        """Whether no answer is sent at all."""
        return self.effect in {Effect.RESET, Effect.TIMEOUT}

    @property
    def carries_out(self) -> bool:
        """Whether the request takes effect."""
        return self.done or self.effect in {Effect.TRUNCATE, Effect.SLOW}


class Faults:
    """The faults in force; of several that mean a request the one that was added first strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Lift all faults."""
        self._faults.clear()

    def strike(self, call: Call) -> Fault | None:
        """The fault that strikes this request, if any."""
        for fault in self._faults:
            if fault.match.takes(
                number=call.number, method=call.method, path=call.path, kind=call.kind
            ):
                return fault
        return None
