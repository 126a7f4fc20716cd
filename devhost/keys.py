"""Function keys: which key opens which function."""

import hashlib
import hmac
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Self, assert_never

from devhost.functions import AuthLevel

MASTER = "DEVHOST_MASTER_KEY"
DEFAULT = "DEVHOST_HOST_KEY"


@dataclass(frozen=True, slots=True)
class Keys:
    """The master key opens everything, the host key all functions, a function's key that one."""

    master: str
    host: str

    @classmethod
    def from_environ(cls, environ: MutableMapping[str, str]) -> Self:
        """Take the keys of the environment, and put fresh ones there where it has none."""
        return cls(
            environ.setdefault(MASTER, secrets.token_urlsafe(32)),
            environ.setdefault(DEFAULT, secrets.token_urlsafe(32)),
        )

    def of_function(self, name: str) -> str:
        """Return the key that opens one function only."""
        return hmac.new(self.host.encode(), name.encode(), hashlib.sha256).hexdigest()

    def opens(self, level: AuthLevel, function: str, key: str | None) -> bool:
        """Tell whether a request with this key may run the function."""
        match level:
            case AuthLevel.ANONYMOUS:
                return True
            case AuthLevel.FUNCTION:
                accepted = [self.master, self.host, self.of_function(function)]
            case AuthLevel.ADMIN:
                accepted = [self.master]
            case _:
                assert_never(level)
        offered = (key or "").encode()
        return any(hmac.compare_digest(offered, one.encode()) for one in accepted)
