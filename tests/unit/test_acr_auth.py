"""Credentials: which one a host gets, and that tokens are asked for once."""

import asyncio
import time

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from purge_core.adapters.acr_auth import CachedCredential, DevelopmentCredential, credential_for
from purge_core.errors import AccessDenied, InputError, Unavailable


class SlowIssuer(DevelopmentCredential):
    """Issues numbered tokens with a given life, after a turn of the loop."""

    def __init__(self, life: int = 3600, error: Exception | None = None) -> None:
        self.life = life
        self.error = error
        self.asked: list[tuple[str, ...]] = []
        self.closed = False

    async def get_token(self, *scopes: str, **_options: object) -> AccessToken:
        """Issue the next token."""
        self.asked.append(scopes)
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return AccessToken(f"token {len(self.asked)}", int(time.time()) + self.life)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


async def test_loopback_gets_the_development_credential() -> None:
    """A registry on this machine never sees an Azure token, whatever is trusted."""
    async with credential_for("127.0.0.1:5000", ["127.0.0.1:5000"]) as credential:
        assert isinstance(credential, DevelopmentCredential)
        assert (await credential.get_token("scope")).expires_on > time.time()


@pytest.mark.parametrize(
    "host", ["contoso.azurecr.io", "contoso.azurecr.us", "contoso.azurecr.cn:443", "trusted.com"]
)
async def test_azure_and_trusted_hosts_get_azures_credential(host: str) -> None:
    """Azure's chain of credentials is for Azure's domains and for what the owner trusts."""
    async with credential_for(host, ["trusted.com"]) as credential:
        assert isinstance(credential, CachedCredential)


@pytest.mark.parametrize("host", ["evilazurecr.io", "contoso.azurecr.io.evil.com", "10.0.0.1"])
def test_stranger_gets_none(host: str) -> None:
    """Any other host is a problem of the input, before any request."""
    with pytest.raises(InputError, match=r"--registry: found '.*'; expected a host"):
        credential_for(host, path="--registry")


async def test_token_is_asked_for_once() -> None:
    """However many ask at once, the identity provider is asked once."""
    issuer = SlowIssuer()
    async with CachedCredential(issuer) as credential:
        tokens = await asyncio.gather(*(credential.get_token("a") for _ in range(10)))
    assert {token.token for token in tokens} == {"token 1"}
    assert issuer.closed


async def test_token_of_another_scope_is_another_token() -> None:
    """What was issued for one scope is not handed out for another."""
    async with CachedCredential(SlowIssuer()) as credential:
        assert (await credential.get_token("a")).token == "token 1"
        assert (await credential.get_token("b")).token == "token 2"
        assert (await credential.get_token("a")).token == "token 1"


async def test_token_that_is_about_to_end_is_not_handed_out() -> None:
    """A token with less than five minutes left is asked for anew."""
    async with CachedCredential(SlowIssuer(life=299)) as credential:
        assert (await credential.get_token("a")).token == "token 1"
        assert (await credential.get_token("a")).token == "token 2"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ClientAuthenticationError("nobody\nis signed in"), AccessDenied),
        (ServiceRequestError("no network"), Unavailable),
    ],
)
async def test_failed_sign_in_is_an_error_of_ours(error: Exception, kind: type[Exception]) -> None:
    """Who cannot sign in is told so in one line."""
    async with CachedCredential(SlowIssuer(error=error)) as credential:
        with pytest.raises(kind) as caught:
            await credential.get_token("a")
    assert "\n" not in str(caught.value)
