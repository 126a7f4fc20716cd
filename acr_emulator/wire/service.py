"""What every handler works on."""

from dataclasses import dataclass, field

from acr_emulator.options import Options
from acr_emulator.state import Registry
from acr_emulator.wire.auth import Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One registry, its options, its name, its authority, and the uploads under way."""

    registry: Registry
    options: Options
    login_server: str
    authority: Authority
    uploads: dict[str, bytes] = field(default_factory=dict)
