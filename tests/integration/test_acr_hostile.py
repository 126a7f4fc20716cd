"""Registries that lead astray: no token leaves for another host, and odd data stays unknown."""

import json
from pathlib import Path

import pytest
import trustme

from acr_emulator import Emulator, Fault, Kind, Match, Options, Quirks
from acr_emulator.state import Registry
from purge_core.adapters.acr import open_registry
from purge_core.adapters.acr_auth import DevelopmentCredential
from purge_core.errors import (
    Malformed,
    NotFound,
    RegistryError,
    SettingsError,
    Unavailable,
    Untrusted,
)
from purge_core.model import Digest, RepositoryName, TagName
from tests.emulated import Emulated, emulated

SHOP = RepositoryName("shop/web")


async def test_link_to_another_host_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next page is on the login server or nowhere: the other host hears nothing."""
    async with Emulator() as elsewhere:
        options = Options(page_cap=2, link_base=elsewhere.url)
        async with emulated(monkeypatch, options) as stage:
            for i in range(5):
                stage.push(SHOP, f"v{i}", label=str(i))
            for ask in (stage.registry.tags, stage.registry.manifests):
                with pytest.raises(RegistryError, match=elsewhere.login_server):
                    await ask(SHOP)
            stage.push("other")
            stage.push("third")
            with pytest.raises(RegistryError, match=elsewhere.login_server):
                assert [name async for name in stage.registry.repositories()] == []
            assert stage.pauses.seconds == []
        assert elsewhere.log.total == 0


EMPTY_PAGE = b'{"registry":"r","imageName":"shop/web","tags":null}'


def lead(stage: Emulated, link: str, *, times: int | None = None) -> None:
    """Answer lists of tags with an empty page and a Link."""
    match = Match(kind=Kind.TAGS_LIST, times=times)
    fault = Fault(match=match, status=200, headers={"Link": link}, body=EMPTY_PAGE)
    stage.emulator.faults.add(fault)


@pytest.mark.parametrize(
    "base",
    [
        "http://{host}",
        "https://evil.example",
        "https://{host}@evil.example",
        "https://{host}.evil.example",
        "https://user:password@{host}",
        "https://evil.example\\@{host}",
        "ftp://{host}",
    ],
)
async def test_link_that_only_looks_like_home(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """Another scheme, or a host that begins or ends like ours, is another host."""
    async with emulated(monkeypatch) as stage:
        home = base.format(host=stage.emulator.login_server)
        lead(stage, f'<{home}/acr/v1/shop%2Fweb/_tags?last=v1&n=1>; rel="next"')
        with pytest.raises(Malformed, match="refers to another host"):
            await stage.registry.tags(SHOP)
        assert stage.count(Kind.TAGS_LIST) == 2  # the first page, and one of the newest


@pytest.mark.parametrize("base", ["https://{host}", "HTTPS://{host}", "//evil.example", ""])
async def test_link_that_stays_at_home(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """An absolute link may name the login server; one without a scheme is read as a path."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1", "v2")
        home = base.format(host=stage.emulator.login_server)
        lead(stage, f'<{home}/acr/v1/shop%2Fweb/_tags?last=v1&n=1>; rel="next"', times=1)
        try:
            listing = await stage.registry.tags(SHOP)
        except NotFound:
            assert base == "//evil.example"
        else:
            assert {tag.name for tag in listing.items} == {"v1", "v2"}
        assert stage.pauses.seconds == []


@pytest.mark.parametrize(
    "link", ["", "<>", "<", "garbage", "<{url}>", "</{0}/{__class__}>", "</\x7f>", "<https://[>"]
)
async def test_broken_link_is_an_error_or_an_end(
    monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    """A Link that is none ends the listing or refuses it, and never anything else."""
    async with emulated(monkeypatch) as stage:
        lead(stage, link, times=2)
        try:
            listing = await stage.registry.tags(SHOP)
        except RegistryError:
            return
        assert listing.items == ()


async def test_challenge_that_names_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are asked of the login server, whoever a challenge names."""
    async with Emulator() as elsewhere:
        options = Options(realm=f"{elsewhere.url}/oauth2/token")
        async with emulated(monkeypatch, options) as stage:
            stage.push(SHOP, "v1")
            assert len((await stage.registry.tags(SHOP)).items) == 1
        assert elsewhere.log.total == 0


@pytest.mark.parametrize("kind", [Kind.TAGS_LIST, Kind.MANIFEST_DELETE, Kind.OAUTH])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, status: int
) -> None:
    """Wherever it points to; the error says where."""
    async with Emulator() as elsewhere, emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        where = {"Location": f"{elsewhere.url}/acr/v1/shop%2Fweb/_tags"}
        stage.emulator.faults.add(Fault(match=Match(kind=kind), status=status, headers=where))
        deletes = kind is Kind.MANIFEST_DELETE
        registry = stage.registry
        asked = registry.delete_manifest(SHOP, digest) if deletes else registry.tags(SHOP)
        with pytest.raises(Malformed, match=elsewhere.login_server):
            await asked
        assert elsewhere.log.total == 0


@pytest.mark.parametrize(
    "challenge",
    ["", "Basic", "Bearer", 'Bearer realm="x"', 'Bearer scope="a",service', "Bearer ,,,", "\x00"],
)
async def test_challenge_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, challenge: str
) -> None:
    """A 401 that does not say how to sign in is an error of ours."""
    async with emulated(monkeypatch) as stage:
        headers = {"WWW-Authenticate": challenge.replace("\x00", "")}
        fault = Fault(match=Match(kind=Kind.TAGS_LIST), status=401, headers=headers)
        stage.emulator.faults.add(fault)
        with pytest.raises(RegistryError):
            await stage.registry.tags(SHOP)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        b"[]",
        b"garbage",
        b'{"refresh_token":null}',
        b'{"refresh_token":"a.b.c"}',
        b'{"refresh_token":5,"access_token":5}',
        b'{"refresh_token":"x","access_token":null}',
        b'{"access_token":""}',
    ],
)
async def test_token_answer_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """A token request that is answered with something else is an error of ours."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        fault = Fault(match=Match(kind=Kind.OAUTH), status=200, body=answer)
        stage.emulator.faults.add(fault)
        with pytest.raises(RegistryError):
            await stage.registry.tags(SHOP)


async def test_odd_entries_stay_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the registry leaves out of a list is not guessed."""
    omit = frozenset({"lastUpdateTime", "changeableAttributes", "mediaType", "imageSize"})
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1", quirks=Quirks(omit=omit))
        (manifest,) = (await stage.registry.manifests(SHOP)).items
        assert (manifest.updated, manifest.lock, manifest.media_type) == (None, None, None)
        assert manifest.tags == ("v1",)


@pytest.mark.parametrize("digest", [None, "", "v1", "../../v1", 5])
async def test_manifest_without_digest_refuses_the_listing(
    monkeypatch: pytest.MonkeyPatch, digest: object
) -> None:
    """A manifest that cannot be named could be anything."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1", quirks=Quirks(override={"digest": digest}))
        with pytest.raises(Malformed):
            await stage.registry.manifests(SHOP)


@pytest.mark.parametrize("name", ["..", ".", "a/../..", "", "_catalog?x=", "a%2f.."])
async def test_names_that_are_paths_are_never_sent(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A tag called ``..`` would delete its repository."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        with pytest.raises(Malformed):
            await stage.registry.delete_tag(SHOP, TagName(name))
        with pytest.raises(Malformed):
            await stage.registry.delete_manifest(SHOP, Digest(name))
        with pytest.raises(Malformed):
            await stage.registry.delete_manifest(RepositoryName(name), digest)
        with pytest.raises(Malformed):
            await stage.registry.tags(RepositoryName(name))
        assert stage.count() == 0


async def test_tag_is_never_deleted_as_a_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client would look up what a tag points at, and delete that with all its tags."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "latest")
        with pytest.raises(Malformed):
            await stage.registry.delete_manifest(SHOP, Digest("latest"))
        assert stage.count() == 0


def looping(stage: Emulated) -> None:
    """Answer every list of tags with one tag and a link."""
    tag = {"name": "v1", "digest": "sha256:" + "a" * 64}
    page = json.dumps({"registry": "r", "imageName": SHOP, "tags": [tag]}).encode()
    link = '</acr/v1/shop%2Fweb/_tags?last=v1&n=1>; rel="next"'
    fault = Fault(match=Match(kind=Kind.TAGS_LIST), status=200, headers={"Link": link}, body=page)
    stage.emulator.faults.add(fault)


async def test_pages_that_lead_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing without an end is refused."""
    async with emulated(monkeypatch) as stage:
        looping(stage)
        with pytest.raises(Malformed, match="never end"):
            await stage.registry.tags(SHOP)
        with pytest.raises(Malformed, match="never end"):
            await stage.registry.tags_since(SHOP, None)


async def test_certificate_of_a_stranger_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only whom SSL_CERT_FILE names is trusted; asking again would not help."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with emulated(monkeypatch) as stage:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        async with open_registry(
            stage.emulator.login_server, DevelopmentCredential(), pace=stage.pace
        ) as registry:
            with pytest.raises(Untrusted, match=r"its certificate is not trusted .*SSL_CERT_FILE"):
                await registry.tags(SHOP)
        assert (stage.count(), stage.pauses.seconds) == (0, [])


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), ("", "no certificate")])
async def test_no_certificates_to_trust(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, why: str
) -> None:
    """An SSL_CERT_FILE that comes to nothing is told once, before any request."""
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    async with emulated(monkeypatch) as stage:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        host = stage.emulator.login_server
        with pytest.raises(SettingsError, match=why) as caught:
            async with open_registry(host, DevelopmentCredential()):
                pytest.fail("it was opened")
        assert [problem.path for problem in caught.value.problems] == ["SSL_CERT_FILE"]
        assert stage.count() == 0


async def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that does not listen is unavailable, after a few attempts."""
    async with emulated(monkeypatch) as stage:
        gone = Emulator(Registry())
        async with gone:
            host = gone.login_server
        async with open_registry(host, DevelopmentCredential(), pace=stage.pace) as registry:
            with pytest.raises(Unavailable, match=r"cannot be reached: .*refused|Connect call"):
                await registry.delete_tag(SHOP, TagName("v1"))
            assert stage.pauses.seconds == []
            with pytest.raises(Unavailable):
                await registry.tags(SHOP)
            assert len(stage.pauses.seconds) == 3


async def test_proxy_is_never_used_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A development registry is reached directly, whatever the environment says."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        assert len((await stage.registry.tags(SHOP)).items) == 1


async def test_passwords_of_the_machine_are_not_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A netrc file is for other programs."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login admin password development\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        await stage.registry.tags(SHOP)
        assert {entry.identity for entry in stage.emulator.log.of(Kind.TAGS_LIST)} == {
            "development"
        }
