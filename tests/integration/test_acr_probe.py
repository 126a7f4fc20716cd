"""`doctor` looks at a registry: what it sees, that it changes nothing, and whom it asks."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import jwt
import pytest
import trustme
from azure.core.credentials import AccessToken

from acr_emulator import Denial, Effect, Emulator, Fault, Kind, Match, Options, Registry
from purge_core.adapters.acr_auth import DevelopmentCredential
from purge_core.adapters.acr_probe import look_at_registry
from purge_core.checkup.sights import Deleted, Permissions, RegistrySight, Step, Who
from purge_core.errors import AccessDenied
from tests.emulated import OCI_IMAGE

CHANGING = (
    *(Kind.REPOSITORY_DELETE, Kind.TAG_DELETE, Kind.MANIFEST_DELETE, Kind.MANIFEST_PUT),
    *(Kind.REPOSITORY_PATCH, Kind.TAG_PATCH, Kind.MANIFEST_PATCH, Kind.BLOB_PUSH),
)
ALL = {"pull", "delete", "metadata_read", "metadata_write"}


class Signed(DevelopmentCredential):
    """Signs in with claims of one's own."""

    def __init__(self, **claims: str) -> None:
        self.claims = claims

    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """Give a token that says who it is for."""
        token = jwt.encode(self.claims, "a key that nobody checks, long enough")
        return AccessToken(token, int(time.time()) + 3600)


class Nobody(DevelopmentCredential):
    """Nobody signs in here."""

    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """Refuse."""
        raise AccessDenied("no Azure identity: az login")


@asynccontextmanager
async def stage(
    monkeypatch: pytest.MonkeyPatch, options: Options | None = None
) -> AsyncIterator[Emulator]:
    """Serve a registry with two repositories."""
    registry = Registry()
    for name in ("shop/cart", "shop/web"):
        registry.push(name, b'{"schemaVersion":2}', media_type=OCI_IMAGE, tags=["v1"])
    async with Emulator(registry, options) as emulator:
        monkeypatch.setenv("SSL_CERT_FILE", str(emulator.ca_file))
        yield emulator


def everyone(names: Sequence[str]) -> Sequence[str]:
    """Ask about all repositories."""
    return names


async def look(
    emulator: Emulator, credential: DevelopmentCredential | None = None
) -> RegistrySight:
    """Look, and see that nothing was changed."""
    signed = credential or DevelopmentCredential()
    sight = await look_at_registry(emulator.login_server, signed, everyone)
    assert not any(emulator.log.counts[kind] for kind in CHANGING)
    return sight


async def test_all_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, rights, mode and clock, in a handful of requests."""
    async with stage(monkeypatch) as emulator:
        sight = await look(emulator)
        assert emulator.log.total <= 8
    assert (sight.trouble, sight.permissions) == (None, Permissions.ROLES)
    assert sight.names == ("shop/cart", "shop/web")
    assert sight.rights == dict.fromkeys(sight.names, frozenset(ALL))
    assert sight.who == Who()
    assert sight.skew is not None
    assert abs(sight.skew) < 5 * 10_000_000
    assert sight.deleted is Deleted.UNANSWERED


async def test_denied_per_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """With repository permissions each repository has its own answer."""
    denial = Denial(actions=frozenset({"delete"}), repository="shop/web")
    async with stage(monkeypatch, Options(abac=True, denials=(denial,))) as emulator:
        sight = await look(emulator)
    assert sight.permissions is Permissions.REPOSITORIES
    assert sight.rights == {"shop/cart": ALL, "shop/web": ALL - {"delete"}}


async def test_rights_of_many_repositories(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token for ten at a time: none is left out."""
    async with stage(monkeypatch) as emulator:
        names = [f"team/app-{number}" for number in range(23)]
        host = emulator.login_server
        sight = await look_at_registry(host, DevelopmentCredential(), lambda _: names)
    assert list(sight.rights) == names


async def test_a_token_for_several_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then each repository is asked about by itself: one that is refused spoils no other."""
    async with stage(monkeypatch) as emulator:
        refused = Match(path="oauth2/token", after=1, times=2)  # both, and the first alone
        emulator.faults.add(Fault(match=refused, status=401))
        sight = await look(emulator)
    assert sight.rights == {"shop/cart": frozenset(), "shop/web": ALL}


async def test_no_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not list is told so, and nothing is listed."""
    denial = Denial(actions=frozenset({"*"}), repository="catalog")
    async with stage(monkeypatch, Options(denials=(denial,))) as emulator:
        sight = await look(emulator)
        assert emulator.log.counts[Kind.CATALOG] == 0
    assert (sight.names, sight.rights, sight.trouble) == (None, {}, None)


@pytest.mark.parametrize(
    ("claims", "who"),
    [
        (
            {"upn": "anna@contoso.com", "oid": "1"},
            Who("anna@contoso.com", "1", is_user=True),
        ),
        ({"appid": "5e", "oid": "2", "idtyp": "app"}, Who("5e", "2", is_user=False)),
        ({"sub": "x"}, Who(None, None, is_user=False)),
    ],
)
async def test_who(monkeypatch: pytest.MonkeyPatch, claims: dict[str, str], who: Who) -> None:
    """The directory's token says who signs in."""
    async with stage(monkeypatch) as emulator:
        assert (await look(emulator, Signed(**claims))).who == who


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (Fault(match=Match(path="/v2/"), status=403), Step.NETWORK),
        (Fault(match=Match(path="/v2/"), effect=Effect.RESET), Step.NETWORK),
        (Fault(match=Match(path="oauth2/exchange"), status=401), Step.ADMISSION),
        (Fault(match=Match(path="oauth2/exchange"), effect=Effect.GARBAGE), Step.ADMISSION),
        (Fault(match=Match(path="oauth2/token"), effect=Effect.TRUNCATE), Step.NETWORK),
    ],
)
async def test_trouble(monkeypatch: pytest.MonkeyPatch, fault: Fault, step: Step) -> None:
    """Whatever goes wrong is seen as the step at which it did."""
    async with stage(monkeypatch) as emulator:
        emulator.faults.add(fault)
        sight = await look(emulator)
    assert sight.step is step
    assert sight.trouble is not None
    assert "\n" not in sight.trouble


async def test_nobody_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the registry was reached, and nothing more."""
    async with stage(monkeypatch) as emulator:
        sight = await look(emulator, Nobody())
    assert (sight.step, sight.trouble) == (Step.IDENTITY, "no Azure identity: az login")
    assert sight.skew is not None


async def test_a_stranger_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory's token that the registry does not know is no way in."""
    async with stage(monkeypatch, Options(aad_tokens={"other": "anna"})) as emulator:
        sight = await look(emulator)
    assert (sight.step, "401" in (sight.trouble or "")) == (Step.ADMISSION, True)


async def test_a_certificate_that_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is told as what it is."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    async with stage(monkeypatch) as emulator:
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        sight = await look(emulator)
    assert (sight.step, "certificate" in (sight.trouble or "")) == (Step.CERTIFICATE, True)


@pytest.mark.parametrize("path", ["oauth2/exchange", "oauth2/token", "_catalog"])
async def test_no_token_goes_along_a_redirect(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """A registry that points elsewhere gets nobody to go there."""
    async with stage(monkeypatch) as emulator, stage(monkeypatch) as other:
        elsewhere = {"Location": f"{other.url}/{path}"}
        emulator.faults.add(Fault(match=Match(path=path), status=307, headers=elsewhere))
        monkeypatch.setenv("SSL_CERT_FILE", str(emulator.ca_file))
        await look(emulator)
        assert other.log.total == 0


@pytest.mark.parametrize(
    ("body", "deleted"),
    [
        (b'{"repositories":["old"]}', Deleted.HOLDS),
        (b'{"repositories":null}', Deleted.EMPTY),
        (b"[]", Deleted.UNANSWERED),
    ],
)
async def test_soft_delete(monkeypatch: pytest.MonkeyPatch, body: bytes, deleted: Deleted) -> None:
    """The list of what was deleted is asked for with a token of its own."""
    async with stage(monkeypatch) as emulator:
        emulator.faults.add(Fault(match=Match(path="_deleted/_catalog"), status=200, body=body))
        assert (await look(emulator)).deleted is deleted
