"""Tokens: signed, with an expiry, and naming what they grant."""

import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "Azure Container Registry"
_CACHED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request needs or a token grants; as text `repository:shop/web:delete`."""

    type: str
    name: str
    action: str

    def __str__(self) -> str:
        return f"{self.type}:{self.name}:{self.action}"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A verified token."""

    identity: str
    expires: float
    scopes: frozenset[Scope]

    def grants(self, needed: Scope) -> bool:
        """Whether it covers the scope; `*` stands for every name and every action."""
        return any(
            Scope(needed.type, name, action) in self.scopes
            for name in (needed.name, "*")
            for action in (needed.action, "*")
        )

    @property
    def is_for_all_repositories(self) -> bool:
        """Whether it grants something on every repository."""
        return any((scope.type, scope.name) == ("repository", "*") for scope in self.scopes)


class InvalidToken(Exception):
    """A token that is not from here, is expired or was revoked."""


class Tokens:
    """Issues and checks the tokens of one registry. `wall` is the time: seconds since the epoch."""

    def __init__(self, audience: str, *, wall: Callable[[], float] = time.time) -> None:
        self._audience = audience
        self._wall = wall
        self._key = secrets.token_bytes(32)
        self._seen: dict[str, Bearer] = {}

    def revoke_all(self) -> None:
        """Make every token issued so far invalid."""
        self._key = secrets.token_bytes(32)
        self._seen.clear()

    def issue_refresh(self, identity: str, lifetime: float, *, claims: Mapping[str, object]) -> str:
        """A refresh token for an identity, living that many seconds."""
        return self._sign(identity, lifetime, {"grant_type": "access_token", **claims})

    def issue_access(self, identity: str, lifetime: float, scopes: list[Scope]) -> str:
        """An access token that grants the scopes, living that many seconds."""
        by_name: dict[tuple[str, str], list[str]] = {}
        for scope in scopes:
            by_name.setdefault((scope.type, scope.name), []).append(scope.action)
        access = [
            {"Type": type_, "Name": name, "Actions": actions}
            for (type_, name), actions in by_name.items()
        ]
        return self._sign(identity, lifetime, {"grant_type": "refresh_token", "access": access})

    def check(self, text: str) -> Bearer:
        """The token behind a text. Raises InvalidToken."""
        bearer = self._seen.get(text)
        if bearer is None:
            bearer = self._verify(text)
            if len(self._seen) >= _CACHED:
                self._seen.clear()
            self._seen[text] = bearer
        if bearer.expires <= self._wall():
            raise InvalidToken("expired")
        return bearer

    def _sign(self, identity: str, lifetime: float, claims: Mapping[str, object]) -> str:
        now = self._wall()
        payload = {
            "jti": secrets.token_hex(8),
            "sub": identity,
            "nbf": int(now),
            "iat": int(now),
            # Whole seconds, as clients insist on; rounded up, so never shorter than asked.
            "exp": math.ceil(now + lifetime),
            "iss": _ISSUER,
            "aud": self._audience,
            "version": "1.0",
            **claims,
        }
        return jwt.encode(payload, self._key, algorithm=_ALGORITHM)

    def _verify(self, text: str) -> Bearer:
        try:
            claims: dict[str, Any] = jwt.decode(
                text,
                self._key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=_ISSUER,
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidToken(str(error)) from error
        scopes = frozenset(
            Scope(entry["Type"], entry["Name"], action)
            for entry in claims.get("access", [])
            for action in entry["Actions"]
        )
        return Bearer(claims["sub"], float(claims["exp"]), scopes)


def outside_identity(text: str) -> str:
    """Whose directory token this is: a claim of it if it is a JWT (unverified), else the text."""
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return text
    named = (claims.get(name) for name in ("upn", "appid", "oid", "sub"))
    return next((name for name in named if isinstance(name, str)), text)
