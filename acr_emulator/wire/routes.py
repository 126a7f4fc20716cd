"""From an address to what it names, and from there to a handler.

Names come with slashes as they are or as `%2F`, digests with `:` or `%3A`. No segment of a
repository's name begins with an underscore and no tag or digest holds a slash, so the decoded path
is unambiguous when it is read from its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto, unique
from typing import Final
from urllib.parse import unquote

from acr_emulator.kinds import Kind, Traffic
from acr_emulator.wire import acr_v1, blobs, v2
from acr_emulator.wire.auth import REGISTRY_WIDE
from acr_emulator.wire.call import Call, Reply
from acr_emulator.wire.service import Service
from acr_emulator.wire.tokens import Scope


@unique
class Shape(Enum):
    """Kinds of addresses."""

    PING = auto()
    EXCHANGE = auto()
    TOKEN = auto()
    CATALOG = auto()
    REPOSITORY = auto()
    TAGS = auto()
    TAG = auto()
    MANIFESTS = auto()
    MANIFEST_PROPERTIES = auto()
    MANIFEST = auto()
    TAG_NAMES = auto()
    REFERRERS = auto()
    BLOB = auto()
    UPLOADS = auto()
    UPLOAD = auto()


@dataclass(frozen=True, slots=True)
class Target:
    """What an address names."""

    shape: Shape
    repository: str = ""
    reference: str = ""

    def scope(self, action: str) -> Scope | None:
        """What a request needs that does `action` ("" for none) to it."""
        if self.shape is Shape.CATALOG:
            return REGISTRY_WIDE
        return Scope("repository", self.repository, action) if action else None


@dataclass(frozen=True, slots=True)
class Route:
    """What a method does to a shape: kind, what it counts as, the action it needs, handler."""

    kind: Kind
    traffic: Traffic
    action: str
    handler: Callable[[Service, Call], Reply]


_FIXED: Final = {
    "/v2": Target(Shape.PING),
    "/v2/": Target(Shape.PING),
    "/oauth2/exchange": Target(Shape.EXCHANGE),
    "/oauth2/token": Target(Shape.TOKEN),
    "/acr/v1/_catalog": Target(Shape.CATALOG),
    "/v2/_catalog": Target(Shape.CATALOG),
}
_ITEMS: Final = {"_tags": Shape.TAG, "_manifests": Shape.MANIFEST_PROPERTIES}
_LISTS: Final = {"_tags": Shape.TAGS, "_manifests": Shape.MANIFESTS}
_V2_ITEMS: Final = {
    "manifests": Shape.MANIFEST,
    "referrers": Shape.REFERRERS,
    "blobs": Shape.BLOB,
}


def parse_target(raw_path: str) -> Target | None:
    """What an encoded path names, None when it is no address of the registry."""
    path = unquote(raw_path)
    fixed = _FIXED.get(path)
    if fixed is not None:
        return fixed
    segments = path.split("/")
    if path.startswith("/acr/v1/"):
        return _acr_v1(segments[3:])
    return _v2(segments[2:]) if path.startswith("/v2/") else None


def _acr_v1(segments: list[str]) -> Target | None:
    if len(segments) > 2 and segments[-2] in _ITEMS:  # noqa: PLR2004  name, list, item
        return Target(_ITEMS[segments[-2]], "/".join(segments[:-2]), segments[-1])
    if len(segments) > 1 and segments[-1] in _LISTS:
        return Target(_LISTS[segments[-1]], "/".join(segments[:-1]))
    return Target(Shape.REPOSITORY, "/".join(segments)) if segments[0] else None


def _v2(segments: list[str]) -> Target | None:
    match segments:
        case [_, *_, "blobs", "uploads", upload]:
            name = "/".join(segments[:-3])
            return Target(Shape.UPLOAD, name, upload) if upload else Target(Shape.UPLOADS, name)
        case [_, *_, "tags", "list"]:
            return Target(Shape.TAG_NAMES, "/".join(segments[:-2]))
        case [_, *_, "blobs", "uploads"]:
            return Target(Shape.UPLOADS, "/".join(segments[:-2]))
        case [_, *_, word, reference] if word in _V2_ITEMS:
            return Target(_V2_ITEMS[word], "/".join(segments[:-2]), reference)
        case _:
            return None


def _exchange(service: Service, call: Call) -> Reply:
    return service.authority.exchange(call)


def _token(service: Service, call: Call) -> Reply:
    return service.authority.token(call)


_READ, _WRITE, _DELETE = Traffic.READ, Traffic.WRITE, Traffic.DELETE

ROUTES: Final[dict[tuple[Shape, str], Route]] = {
    (Shape.PING, "GET"): Route(Kind.PING, Traffic.FREE, "", v2.ping),
    (Shape.EXCHANGE, "POST"): Route(Kind.OAUTH, Traffic.OAUTH, "", _exchange),
    (Shape.TOKEN, "POST"): Route(Kind.OAUTH, Traffic.OAUTH, "", _token),
    (Shape.TOKEN, "GET"): Route(Kind.OAUTH, Traffic.OAUTH, "", _token),
    (Shape.CATALOG, "GET"): Route(Kind.CATALOG, _READ, "*", acr_v1.catalog),
    (Shape.REPOSITORY, "GET"): Route(
        Kind.REPOSITORY_GET, _READ, "metadata_read", acr_v1.get_repository
    ),
    (Shape.REPOSITORY, "PATCH"): Route(
        Kind.REPOSITORY_PATCH, _WRITE, "metadata_write", acr_v1.patch_repository
    ),
    (Shape.REPOSITORY, "DELETE"): Route(
        Kind.REPOSITORY_DELETE, _DELETE, "delete", acr_v1.delete_repository
    ),
    (Shape.TAGS, "GET"): Route(Kind.TAGS_LIST, _READ, "metadata_read", acr_v1.list_tags),
    (Shape.TAG, "GET"): Route(Kind.TAG_GET, _READ, "metadata_read", acr_v1.get_tag),
    (Shape.TAG, "PATCH"): Route(Kind.TAG_PATCH, _WRITE, "metadata_write", acr_v1.patch_tag),
    (Shape.TAG, "DELETE"): Route(Kind.TAG_DELETE, _DELETE, "delete", acr_v1.delete_tag),
    (Shape.MANIFESTS, "GET"): Route(
        Kind.MANIFESTS_LIST, _READ, "metadata_read", acr_v1.list_manifests
    ),
    (Shape.MANIFEST_PROPERTIES, "GET"): Route(
        Kind.MANIFEST_PROPERTIES_GET, _READ, "metadata_read", acr_v1.get_manifest
    ),
    (Shape.MANIFEST_PROPERTIES, "PATCH"): Route(
        Kind.MANIFEST_PATCH, _WRITE, "metadata_write", acr_v1.patch_manifest
    ),
    (Shape.MANIFEST, "GET"): Route(Kind.MANIFEST_GET, _READ, "pull", v2.get_manifest),
    (Shape.MANIFEST, "HEAD"): Route(Kind.MANIFEST_GET, _READ, "pull", v2.get_manifest),
    (Shape.MANIFEST, "PUT"): Route(Kind.MANIFEST_PUT, _WRITE, "push", v2.put_manifest),
    (Shape.MANIFEST, "DELETE"): Route(Kind.MANIFEST_DELETE, _DELETE, "delete", v2.delete_manifest),
    (Shape.TAG_NAMES, "GET"): Route(Kind.TAGS_LIST, _READ, "pull", v2.list_tag_names),
    (Shape.REFERRERS, "GET"): Route(
        Kind.REFERRERS_LIST, Traffic.REFERRERS, "pull", v2.list_referrers
    ),
    (Shape.BLOB, "GET"): Route(Kind.BLOB_GET, _READ, "pull", blobs.get_blob),
    (Shape.BLOB, "HEAD"): Route(Kind.BLOB_GET, _READ, "pull", blobs.get_blob),
    (Shape.UPLOADS, "POST"): Route(Kind.BLOB_PUSH, _WRITE, "push", blobs.start_upload),
    (Shape.UPLOAD, "PATCH"): Route(Kind.BLOB_PUSH, _WRITE, "push", blobs.continue_upload),
    (Shape.UPLOAD, "PUT"): Route(Kind.BLOB_PUSH, _WRITE, "push", blobs.finish_upload),
}
"""Every method of every shape; what is not here does not exist."""
