"""Answers of the real registry, recorded elsewhere, are read rightly by the adapter."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from acr_emulator import Effect, Fault, Kind, Match
from purge_core.errors import AccessDenied, NotFound
from purge_core.instants import format_instant
from purge_core.model import OPEN, PLAIN_BODY, Digest, Manifest, RepositoryName, TagName
from purge_core.registry import Answer, Deletion
from tests.emulated import Emulated, emulated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.recordings

REPO = RepositoryName("library/hello-world")
TAG = TagName("latest")
DIGEST = Digest("sha256:" + "5" * 64)
LISTS = (Kind.CATALOG, Kind.TAGS_LIST, Kind.MANIFESTS_LIST)


class Recordings:
    """The recorded answers, played by a development registry in place of its own."""

    def __init__(self, folder: Path, stage: Emulated) -> None:
        self.folder = folder
        self.stage = stage

    def response(self, name: str) -> dict[str, Any]:
        """Return a recorded answer."""
        (path,) = self.folder.glob(f"{name}-*.json")
        response: dict[str, Any] = json.loads(path.read_text())["response"]
        return response

    def entries(self, name: str) -> list[dict[str, Any]]:
        """Return the entries of a recorded list."""
        body = self.response(name)["body"]
        entries: list[dict[str, Any]] = body.get("tags", body.get("manifests"))
        return entries

    def play(self, name: str, kind: Kind, *, path: str = "", times: int | None = 1) -> None:
        """Give a recorded answer to the next request of a kind."""
        response = self.response(name)
        status, body = response["status"], response["body"]
        indent = 3 if name == "27" else None  # the bytes of that manifest are indented so
        text = "" if body is None else json.dumps(body, indent=indent)
        headers = {
            key: value if isinstance(value, str) else value[0]
            for key, value in response["headers"].items()
            if key.lower() not in {"connection", "content-length", "transfer-encoding"}
        }
        fault = Fault(
            match=Match(kind=kind, path=path, times=times),
            effect=Effect.STATUS,
            status=status,
            headers=headers,
            body=text.encode() if indent else f"{text}\n".encode() if text else b"",
        )
        self.stage.emulator.faults.add(fault)


@pytest.mark.parametrize(
    ("name", "kind", "action"),
    [
        ("01", Kind.CATALOG, "registry:catalog:*"),
        ("02", Kind.MANIFESTS_LIST, "repository:library/busybox:metadata_read"),
        ("03", Kind.TAG_DELETE, "repository:repo220636ca:delete"),
        ("04", Kind.MANIFEST_PATCH, "repository:repod8bd3da1:metadata_write"),
    ],
)
async def test_challenge(
    monkeypatch: pytest.MonkeyPatch, recordings: Path, name: str, kind: Kind, action: str
) -> None:
    """A challenge is answered by asking the login server for exactly its scope."""
    async with emulated(monkeypatch) as stage:
        recorded_answers = Recordings(recordings, stage)
        recorded_answers.play(name, kind)
        asked: list[bytes] = []
        match = Match(kind=Kind.OAUTH, path="/oauth2/token")
        stage.emulator.hooks.before(match, lambda _registry, call: asked.append(call.body))
        stage.push("library/busybox", "v1")
        stage.push("repo220636ca", "tag220636ca")
        pushed = stage.push("repod8bd3da1", "v1")
        registry = stage.registry
        calls: dict[Kind, Callable[[], Awaitable[object]]] = {
            Kind.CATALOG: lambda: anext(registry.repositories()),
            Kind.MANIFESTS_LIST: lambda: registry.manifests(RepositoryName("library/busybox")),
            Kind.TAG_DELETE: lambda: registry.delete_tag(
                RepositoryName("repo220636ca"), TagName("tag220636ca")
            ),
            Kind.MANIFEST_PATCH: lambda: registry.lock_manifest(
                RepositoryName("repod8bd3da1"), pushed, OPEN
            ),
        }
        await calls[kind]()
        (form,) = asked
        assert action.replace(":", "%3A").replace("/", "%2F").replace("*", "%2A") in (
            form.decode().replace("*", "%2A")
        )


async def test_sign_in(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """Recorded token answers are taken for what they are, and the token is sent."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        played.play("02", Kind.TAGS_LIST)
        played.play("05", Kind.OAUTH, path="exchange")
        played.play("06", Kind.OAUTH, path="token")
        played.play("14", Kind.TAGS_LIST)
        sent: list[str] = []
        match = Match(kind=Kind.TAGS_LIST, after=1)
        stage.emulator.hooks.before(
            match, lambda _registry, call: sent.append(call.headers["Authorization"])
        )
        assert len((await stage.registry.tags(REPO)).items) == 5
        assert sent == [f"Bearer {played.response('06')['body']['access_token']}"]


async def test_insufficient_scope(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """The second 401 is a lack of permission, with repository and action."""
    async with emulated(monkeypatch) as stage:
        Recordings(recordings, stage).play("08", Kind.TAG_DELETE, times=None)
        with pytest.raises(AccessDenied, match="delete on library/hello-world"):
            await stage.registry.delete_tag(REPO, TAG)
        assert stage.count(Kind.CHALLENGE) == 2


async def test_catalogue(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """Pages are followed by their Link until there is none."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        for name in ("09", "10"):
            played.play(name, Kind.CATALOG)
        expected = [
            n for name in ("09", "10") for n in played.response(name)["body"]["repositories"]
        ]
        assert [name async for name in stage.registry.repositories()] == expected
        assert len(expected) == 3


@pytest.mark.parametrize("name", ["12", "13a"])
async def test_manifests(monkeypatch: pytest.MonkeyPatch, recordings: Path, name: str) -> None:
    """Every manifest of a recorded list, with all that the engine wants to know."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        played.play(name, Kind.MANIFESTS_LIST)
        listing = await stage.registry.manifests(REPO)
        compare_manifests(listing.items, played.entries(name))
        assert listing.mark == max(m.updated for m in listing.items if m.updated is not None)
        assert {m.platform is None for m in listing.items} == {True, False}


def compare_manifests(found: tuple[Manifest, ...], entries: list[dict[str, Any]]) -> None:
    """Check manifests against the entries that they were read from."""
    assert len(found) == len(entries)
    for manifest, entry in zip(found, entries, strict=True):
        assert manifest.digest == entry["digest"]
        assert manifest.media_type == entry["mediaType"]
        assert manifest.updated is not None
        assert format_instant(manifest.updated) == entry["lastUpdateTime"]
        assert manifest.tags == tuple(entry.get("tags", ()))
        assert manifest.size == entry["imageSize"]
        assert manifest.lock is OPEN
        platform = f"{entry['os']}/{entry['architecture']}" if "os" in entry else None
        assert manifest.platform == platform


async def test_manifests_over_pages(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """A first page with a Link, with items that know a quarantine, is followed."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        for name in ("11", "13a", "12"):  # the first page, the newest, the next page
            played.play(name, Kind.MANIFESTS_LIST)
        listing = await stage.registry.manifests(RepositoryName("library/busybox"))
        entries = [e for name in ("11", "13a", "12") for e in played.entries(name)]
        compare_manifests(listing.items, entries)
        newest = max(e["lastUpdateTime"] for e in played.entries("13a"))
        assert listing.mark is not None
        assert format_instant(listing.mark) == newest


@pytest.mark.parametrize("name", ["14", "15a"])
async def test_tags(monkeypatch: pytest.MonkeyPatch, recordings: Path, name: str) -> None:
    """Every tag of a recorded list, its time to the seventh digit."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        played.play(name, Kind.TAGS_LIST)
        items = (await stage.registry.tags(REPO)).items
        assert [
            (t.name, t.digest, t.updated and format_instant(t.updated), t.lock) for t in items
        ] == [(e["name"], e["digest"], e["lastUpdateTime"], OPEN) for e in played.entries(name)]


async def test_tags_whose_last_page_has_a_link(
    monkeypatch: pytest.MonkeyPatch, recordings: Path
) -> None:
    """A full last page names another one, which is null: nothing is lost and it ends."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        for name in ("17a", "17b", "17b", "16b"):  # first, newest, second, none
            played.play(name, Kind.TAGS_LIST)
        items = (await stage.registry.tags(REPO)).items
        assert [tag.name for tag in items] == ["latest", "test-delete"]
        assert stage.count(Kind.TAGS_LIST) == 4


async def test_repository_without_tags(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """Null is no tags."""
    async with emulated(monkeypatch) as stage:
        Recordings(recordings, stage).play("16b", Kind.TAGS_LIST)
        assert (await stage.registry.tags(REPO)).items == ()


@pytest.mark.parametrize("kind", LISTS[1:])
async def test_missing_repository(
    monkeypatch: pytest.MonkeyPatch, recordings: Path, kind: Kind
) -> None:
    """404 NAME_UNKNOWN: there is no such repository."""
    async with emulated(monkeypatch) as stage:
        Recordings(recordings, stage).play("25", kind)
        registry = stage.registry
        asked = registry.tags(REPO) if kind is Kind.TAGS_LIST else registry.manifests(REPO)
        with pytest.raises(NotFound, match="NAME_UNKNOWN"):
            await asked


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("16a", Answer.ACCEPTED),
        ("23", Answer.ACCEPTED),
        ("19a", Answer.GONE),
        ("19b", Answer.GONE),
        ("24b", Answer.GONE),
        ("28", Answer.LOCKED),
    ],
)
async def test_deleted_tag(
    monkeypatch: pytest.MonkeyPatch, recordings: Path, name: str, answer: Answer
) -> None:
    """202 with the digest that the tag pointed at, 404, or 405 for a lock."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        played.play(name, Kind.TAG_DELETE)
        digest = played.response(name)["headers"].get("X-Ms-Int-Docker-Content-Digest")
        assert await stage.registry.delete_tag(REPO, TAG) == Deletion(answer, digest)
        assert (digest is None) == (answer is not Answer.ACCEPTED)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("13b", Answer.ACCEPTED),
        ("24a", Answer.ACCEPTED),
        ("21", Answer.GONE),
        ("25", Answer.GONE),
        ("28", Answer.LOCKED),
    ],
)
async def test_deleted_manifest(
    monkeypatch: pytest.MonkeyPatch, recordings: Path, name: str, answer: Answer
) -> None:
    """202, 404 or 405."""
    async with emulated(monkeypatch) as stage:
        Recordings(recordings, stage).play(name, Kind.MANIFEST_DELETE)
        assert await stage.registry.delete_manifest(REPO, DIGEST) == Deletion(answer)


async def test_lock(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """200 with the manifest: it was done."""
    async with emulated(monkeypatch) as stage:
        Recordings(recordings, stage).play("22", Kind.MANIFEST_PATCH)
        await stage.registry.lock_manifest(REPO, DIGEST, OPEN)
        assert stage.count() == 1


async def test_body(monkeypatch: pytest.MonkeyPatch, recordings: Path) -> None:
    """The bytes of a manifest, whose digest is that of the bytes and not of their meaning."""
    async with emulated(monkeypatch) as stage:
        played = Recordings(recordings, stage)
        played.play("27", Kind.MANIFEST_GET)
        digest = Digest(played.response("27")["headers"]["Docker-Content-Digest"])
        assert await stage.registry.body(REPO, digest) == PLAIN_BODY
