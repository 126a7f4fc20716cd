"""Values that come out of expressions, those that only a deployment knows included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from infra_check.problems import Fault

Value = object
"""A string, a number, true or false, None, a list, a dict by names, or one of those below."""


@runtime_checkable
class Members(Protocol):
    """Something with members that are worked out when they are asked for."""

    def member(self, name: str, line: int) -> Value:
        """Give a member.

        Raises:
            Fault: it has none of this name.

        """


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is known only once it is deployed. ``text`` stands for it inside of strings.

    ``look`` gives what a member would be, and knows which there are; without it there may be any.
    """

    text: str
    look: Callable[[str, int], Value] | None = field(default=None, compare=False)

    def member(self, name: str, line: int) -> Value:
        """Give a member; see ``Members``."""
        if self.look is not None:
            return self.look(name, line)
        return Unknown(f"{self.text}.{name}")


Scope = Mapping[str, Value]
"""The names of lambdas and loops."""


def shown(value: Value) -> str:
    """Write a value as it stands inside of a string."""
    if isinstance(value, Unknown):
        return f"<{value.text}>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Fault(f"a {type(value).__name__} stands inside of a string")
