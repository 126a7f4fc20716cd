"""Recorded requests and answers of the real registry, and registries rebuilt from them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from acr_emulator import Options, Quirks, Registry
from acr_emulator.attributes import OPEN, Attributes, attributes
from acr_emulator.bodies import config_content, digest_of
from acr_emulator.content import Blob
from acr_emulator.media import INDEX_TYPES, OCI_CONFIG
from acr_emulator.times import parse_time

SANITIZED: Final = "sha256_encoded_stream"
SOME_DIGEST: Final = "sha256:" + "5" * 64
_SWITCHES: Final = {"deleteEnabled", "writeEnabled", "readEnabled", "listEnabled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A request and its answer. `path` is as it was sent, with its query."""

    id: str
    method: str
    path: str
    signed_in: bool
    form: str | None
    sent: object
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def repository(self) -> str:
        """The repository that the request is about."""
        segments = unquote(self.path.partition("?")[0]).split("/")
        start, end = (3, None) if segments[1] == "acr" else (2, -2)
        ends = [segments.index(word) for word in ("_tags", "_manifests") if word in segments]
        return "/".join(segments[start : ends[0] if ends else end])

    @property
    def reference(self) -> str:
        """The tag or digest that the request is about."""
        return unquote(self.path.partition("?")[0]).rpartition("/")[2]


def load(path: Path) -> Recording:
    """The recording in a file; what stands in place of names there becomes names."""
    document = json.loads(path.read_text())
    request, response = document["request"], document["response"]
    url = urlsplit(request["url"].replace("<", "").replace(">", ""))
    body, headers = request["body"], response["headers"]
    found = json.dumps(response["body"])
    digest = found[found.find("sha256:") :][:71] if "sha256:" in found else SOME_DIGEST
    return Recording(
        id=document["id"],
        method=request["method"],
        path=(url.path + (f"?{url.query}" if url.query else "")).replace(SANITIZED, digest),
        signed_in="Authorization" in request["headers"],
        form=body if isinstance(body, str) else None,
        sent=body,
        status=response["status"],
        headers={
            name: value if isinstance(value, str) else ", ".join(value)
            for name, value in headers.items()
        },
        body=response["body"],
    )


def options_for(recording: Recording) -> Options:
    """A registry of the recorded name, with the recorded address in its challenges."""
    challenge = recording.headers.get("WWW-Authenticate", "")
    quoted = challenge.split('"')
    named = recording.body.get("registry") if isinstance(recording.body, dict) else None
    return Options(
        login_server=quoted[3] if challenge else named,
        realm=quoted[1] if challenge else None,
        anonymous_pull="anon" in challenge or "anonymous" in recording.id,
    )


def rebuild(recording: Recording) -> Registry:
    """A registry that must give the recorded answer."""
    registry = Registry()
    if recording.status == 404 and "does_not_exist" in recording.repository:
        return registry
    seeder = _Seeder(registry, recording)
    if recording.id.startswith("27"):
        seeder.exact_bytes()
    elif isinstance(recording.body, dict) and "errors" not in recording.body:
        seeder.from_body(recording.body)
    elif recording.method == "DELETE":
        seeder.for_delete()
    return registry


class _Seeder:
    def __init__(self, registry: Registry, recording: Recording) -> None:
        self._registry = registry
        self._recording = recording
        self._name = recording.repository

    def exact_bytes(self) -> None:
        """The indented bytes whose length and digest were recorded."""
        body = json.dumps(self._recording.body, indent=3).encode()
        media_type = self._recording.headers["Content-Type"]
        self._registry.push(self._name, body, media_type=media_type)

    def for_delete(self) -> None:
        """What the request deletes, or a locked one, or another one for a 404."""
        recording = self._recording
        digest = recording.headers.get("X-Ms-Int-Docker-Content-Digest", SOME_DIGEST)
        is_tag = "/_tags/" in recording.path
        if not is_tag and recording.status != 404:
            digest = recording.reference
        tags = [recording.reference] if is_tag else []
        self._push(digest, tags=tags)
        if recording.status == 405:
            self._registry.set_attributes(self._name, attributes(write=False), tag=tags[0])

    def from_body(self, body: Mapping[str, Any]) -> None:
        """What the answer shows."""
        for name in body.get("repositories", ()):
            self._registry.push(name, b"{}", media_type=None)
        single = [body["manifest"]] if "manifest" in body else []
        for entry in body.get("manifests", single):
            self._manifest(entry)
        for entry in body.get("tags", [body["tag"]] if "tag" in body else []) or ():
            self._tag(entry)
        for digest in body.get("manifestsDeleted", ()):
            self._push(digest)
        for tag in body.get("tagsDeleted") or ():
            self._registry.set_tag(self._name, tag, body["manifestsDeleted"][0])
        if body.get("tags", ()) is None:
            self._push(SOME_DIGEST)
        if "manifestCount" in body:
            self._counts(body)

    def _counts(self, body: Mapping[str, Any]) -> None:
        for number in range(body["manifestCount"]):
            self._push(f"sha256:{number:064x}")
        for number in range(body["tagCount"]):
            self._registry.set_tag(self._name, f"t{number}", f"sha256:{number:064x}")
        place = self._registry.repositories[self._name]
        place.created = parse_time(body["createdTime"])
        place.updated = parse_time(body["lastUpdateTime"])

    def _tag(self, entry: Mapping[str, Any]) -> None:
        place = self._registry.repositories.get(self._name)
        if place is None or entry["digest"] not in place.manifests:
            self._push(entry["digest"])
        name, digest = entry["name"], entry["digest"]
        self._registry.set_tag(self._name, name, digest, at=parse_time(entry["createdTime"]))
        updated = parse_time(entry["lastUpdateTime"])
        tag = self._registry.set_tag(self._name, name, digest, at=updated)
        own = {key: value for key, value in entry.items() if key == "quarantineState"}
        tag.quirks = Quirks(override=own) if own else None

    def _manifest(self, entry: Mapping[str, Any]) -> None:
        created = parse_time(entry["createdTime"])
        manifest = self._registry.push(
            self._name,
            self._body(entry),
            media_type=entry["mediaType"],
            tags=entry.get("tags", ()),
            at=created,
            digest=entry["digest"],
        )
        place = self._registry.repositories[self._name]
        place.touch_manifest(manifest, at=parse_time(entry["lastUpdateTime"]))
        shown = entry["changeableAttributes"]
        manifest.attributes = _switches(shown)
        more = {key: value for key, value in shown.items() if key not in _SWITCHES}
        manifest.quirks = Quirks(attributes=more) if more else None

    def _body(self, entry: Mapping[str, Any]) -> bytes:
        """Bytes of the recorded size, with the recorded children or platform."""
        document: dict[str, object] = {"schemaVersion": 2}
        more = 0
        if entry["mediaType"] in INDEX_TYPES:
            document["manifests"] = [
                {
                    "digest": it["digest"],
                    "platform": {"architecture": it["architecture"], "os": it["os"]},
                }
                for it in entry.get("references", ())
            ]
        else:
            config = config_content(architecture=entry["architecture"], os=entry["os"], salt="")
            digest, more = digest_of(config), len(config)
            self._registry.blobs[digest] = Blob(more, config)
            document["config"] = {"mediaType": OCI_CONFIG, "digest": digest, "size": more}
        filler, wanted = 0, entry["imageSize"] - more
        while True:
            document["layers"] = [{"digest": SOME_DIGEST, "size": filler}]
            body = json.dumps(document).encode()
            if len(body) + filler == wanted:
                return body
            filler = wanted - len(body)

    def _push(self, digest: str, *, tags: list[str] | None = None) -> None:
        body = digest.encode()
        self._registry.push(self._name, body, media_type=None, tags=tags or (), digest=digest)


def _switches(shown: Mapping[str, bool]) -> Attributes:
    switches = attributes(
        delete=shown["deleteEnabled"],
        write=shown["writeEnabled"],
        read=shown["readEnabled"],
        list=shown["listEnabled"],
    )
    return OPEN if switches == OPEN else switches
