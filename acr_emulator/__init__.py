"""A development registry: Azure Container Registry's data plane on loopback.

For tests, benchmarks and demonstrations.

It shares no code with the engine and is reached only by URL. The names below are loaded on first
use, so that the pure state can be had without the server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from acr_emulator.attributes import Attributes
    from acr_emulator.clock import Clock
    from acr_emulator.errors import RegistryAnswer, ScenarioError
    from acr_emulator.faults import Effect, Fault
    from acr_emulator.kinds import Kind
    from acr_emulator.matching import Match
    from acr_emulator.options import Denial, EmptyPage, Options, Sku
    from acr_emulator.repository import Quirks
    from acr_emulator.scenario import Scenario
    from acr_emulator.server import Emulator
    from acr_emulator.state import Registry, Semantics

__all__ = [
    "Attributes",
    "Clock",
    "Denial",
    "Effect",
    "EmptyPage",
    "Emulator",
    "Fault",
    "Kind",
    "Match",
    "Options",
    "Quirks",
    "Registry",
    "RegistryAnswer",
    "Scenario",
    "ScenarioError",
    "Semantics",
    "Sku",
]

_HOMES: Final = {
    "Attributes": "attributes",
    "Clock": "clock",
    "Denial": "options",
    "Effect": "faults",
    "EmptyPage": "options",
    "Emulator": "server",
    "Fault": "faults",
    "Kind": "kinds",
    "Match": "matching",
    "Options": "options",
    "Quirks": "repository",
    "Registry": "state",
    "RegistryAnswer": "errors",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "Semantics": "state",
    "Sku": "options",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
