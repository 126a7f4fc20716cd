"""Who may do what: challenges, the two OAuth addresses, Basic, and the check of every request."""

import base64
import binascii
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs

from acr_emulator.errors import RegistryAnswer, invalid
from acr_emulator.options import Options
from acr_emulator.wire.call import Call, Reply, json_reply
from acr_emulator.wire.tokens import Bearer, InvalidToken, Scope, Tokens, outside_identity

REGISTRY_WIDE: Final = Scope("registry", "catalog", "*")
ANONYMOUS: Final = "anonymous"
_TOKEN_USER: Final = "00000000-0000-0000-0000-000000000000"
_REPOSITORY_ACTIONS: Final = ("pull", "push", "delete", "metadata_read", "metadata_write")
_ANONYMOUS_ACTIONS: Final = frozenset({"pull", "metadata_read"})
_REQUIRED: Final = (
    "authentication required, visit https://aka.ms/acr/authorization for more information."
)


class Authority:
    """Lets requests in, and issues the tokens that do so.

    `service` is the login server's name, `address` the host and port that it is reached at.
    """

    def __init__(self, options: Options, *, service: str, address: str, tokens: Tokens) -> None:
        self.tokens = tokens
        self._options = options
        self._service = service
        self._realm = options.realm or f"https://{address}/oauth2/token"

    def admit(self, call: Call, needed: Scope | None) -> str:
        """The identity behind a request that needs a scope (None: any valid credential).

        Raises RegistryAnswer (401), with the challenge that tells a client what to ask for.
        """
        scheme, _, credential = call.headers.get("Authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                identity = self._basic(credential)
                granted = True
                error = "insufficient_scope" if identity is not None else None
            case "bearer":
                bearer = self._bearer(credential)
                self._refuse_wildcard(bearer)
                identity = None if bearer is None else bearer.identity
                granted = needed is None or (bearer is not None and bearer.grants(needed))
                error = "invalid_token" if bearer is None else "insufficient_scope"
            case _:
                raise self._challenge(needed, None)
        if identity is None or not granted:
            raise self._challenge(needed, error)
        if needed is not None and not self._allowed(identity, needed):
            raise self._challenge(needed, error)
        return identity

    def _refuse_wildcard(self, bearer: Bearer | None) -> None:
        """Raise RegistryAnswer for a token for all repositories, where that is wanted."""
        status = self._options.wildcard_refusal
        if status is not None and bearer is not None and bearer.is_for_all_repositories:
            raise RegistryAnswer(status, "DENIED", "a token for all repositories is not taken here")

    def exchange(self, call: Call) -> Reply:
        """POST /oauth2/exchange: a directory token for a refresh token."""
        form = _form(call.body)
        if _one(form, "grant_type") != "access_token":
            raise invalid("UNSUPPORTED_GRANT", "grant_type must be access_token")
        token = _one(form, "access_token")
        accepted = self._options.aad_tokens
        if not token or (accepted is not None and token not in accepted):
            raise RegistryAnswer(401, "UNAUTHORIZED", _REQUIRED)
        identity = outside_identity(token) if accepted is None else accepted[token]
        claims: dict[str, object] = {"permissions": {"Actions": ["read", "write", "delete"]}}
        if self._options.abac:
            claims["aad_identity"] = identity
        refresh = self.tokens.issue_refresh(
            identity, self._options.refresh_token_lifetime, claims=claims
        )
        return json_reply(200, {"refresh_token": refresh})

    def token(self, call: Call) -> Reply:
        """POST or GET /oauth2/token: an access token for what is granted of the asked scopes."""
        form = (
            _form(call.body) if call.method == "POST" else {k: [v] for k, v in call.query.items()}
        )
        identity = self._token_identity(call, form)
        asked = [scope for text in form.get("scope", []) for scope in self._scopes(text.split())]
        granted = [scope for scope in asked if self._allowed(identity, scope)]
        access = self.tokens.issue_access(identity, self._options.access_token_lifetime, granted)
        return json_reply(200, {"access_token": access})

    def _token_identity(self, call: Call, form: dict[str, list[str]]) -> str:
        scheme, _, credential = call.headers.get("Authorization", "").partition(" ")
        identity: str | None
        if _one(form, "grant_type") == "refresh_token":
            bearer = self._bearer(_one(form, "refresh_token"))
            identity = None if bearer is None else bearer.identity
        elif scheme.lower() == "basic":
            identity = self._basic(credential)
        elif _one(form, "username"):
            identity = self._account(_one(form, "username"), _one(form, "password"))
        else:
            identity = ANONYMOUS
        if identity is None:
            raise RegistryAnswer(401, "UNAUTHORIZED", _REQUIRED)
        return identity

    def _scopes(self, texts: Iterable[str]) -> Iterable[Scope]:
        for text in texts:
            type_, _, rest = text.partition(":")
            name, _, actions = rest.rpartition(":")
            if not name or not actions:
                raise invalid("INVALID_SCOPE", f"not a scope: {text}")
            for action in actions.split(","):
                yield from self._expanded(Scope(type_, name, action))

    def _expanded(self, scope: Scope) -> Iterable[Scope]:
        if scope.type == "repository" and scope.action == "*":
            return [Scope(scope.type, scope.name, action) for action in _REPOSITORY_ACTIONS]
        return [scope]

    def _allowed(self, identity: str, scope: Scope) -> bool:
        if identity == ANONYMOUS:
            readable = scope == REGISTRY_WIDE or scope.action in _ANONYMOUS_ACTIONS
            return self._options.anonymous_pull and readable
        if self._options.abac and scope.type == "repository" and scope.name == "*":
            return False
        return not any(
            denial.covers(identity=identity, repository=scope.name, action=scope.action)
            for denial in self._options.denials
        )

    def _basic(self, credential: str) -> str | None:
        try:
            user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self._account(user, password)

    def _account(self, user: str, password: str) -> str | None:
        if user == _TOKEN_USER:
            bearer = self._bearer(password)
            return None if bearer is None else bearer.identity
        if (user, password) == (self._options.admin_user, self._options.admin_password):
            return user
        return None

    def _bearer(self, text: str) -> Bearer | None:
        try:
            return self.tokens.check(text)
        except InvalidToken:
            return None

    def _challenge(self, needed: Scope | None, error: str | None) -> RegistryAnswer:
        parts = [f'realm="{self._realm}"', f'service="{self._service}"']
        parts += [] if needed is None else [f'scope="{needed}"']
        parts += [] if error is None else [f'error="{error}"']
        detail = None
        if needed is not None:
            detail = [{"Type": needed.type, "Name": needed.name, "Action": needed.action}]
        return RegistryAnswer(
            401,
            "UNAUTHORIZED",
            _REQUIRED,
            detail=detail,
            headers={"WWW-Authenticate": "Bearer " + ",".join(parts)},
        )


def _form(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"))


def _one(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0]
