"""From the registry's JSON to the engine's values. Pure; unknown stays unknown.

Read from the bytes, not from the client's models: these lose the seventh digit of a
time, the media type, and the difference between false and missing. Field names and
their absence are those of the registry's real answers.
"""

import json
import re
from typing import Any, Final

from purge_core.errors import Malformed
from purge_core.instants import Instant, parse_instant
from purge_core.model import (
    OPEN,
    PLAIN_BODY,
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    Tag,
    TagName,
    Unread,
)
from purge_core.registry_names import may_name_repository

_LOCKS: Final = {
    (delete, write): OPEN if delete and write else Lock(delete, write)
    for delete in (True, False)
    for write in (True, False)
}
_LISTED_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_NAMED_DIGEST: Final = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+", re.ASCII)
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_EDGES: Final = frozenset({"manifests", "subject"})


class Strings:
    """One copy of each text: tags and manifests name the same digests."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def one(self, text: str) -> str:
        """Give the copy that is kept."""
        return self._known.setdefault(text, text)


def check_repository(name: str) -> RepositoryName:
    """Give ``name`` back. Raises Malformed for what could lead a request astray (``..``)."""
    if not may_name_repository(name):
        raise Malformed(f"not a repository name: {name[:100]!r}")
    return RepositoryName(name)


def check_tag(name: object) -> TagName:
    """Give ``name`` back. Raises Malformed when it is no tag's name (``..`` would be a path)."""
    if not isinstance(name, str) or _TAG.fullmatch(name) is None:
        raise Malformed(f"a tag without a valid name: {str(name)[:100]!r}")
    return TagName(name)


def check_digest(digest: object) -> Digest:
    """Give ``digest`` back. Raises Malformed when it is none: it would be taken for a tag."""
    known = digest_or_none(digest)
    if known is None:
        raise Malformed(f"a manifest without a valid digest: {str(digest)[:100]!r}")
    return known


def digest_or_none(digest: object) -> Digest | None:
    """Give ``digest`` back, or ``None`` when it is none."""
    known = isinstance(digest, str) and _LISTED_DIGEST.fullmatch(digest) is not None
    return Digest(str(digest)) if known else None


def names_page(content: bytes) -> list[RepositoryName]:
    """Read a page of the catalogue. Raises Malformed."""
    names = _entries(_object(content), "repositories")
    return [check_repository(name if isinstance(name, str) else "") for name in names]


def tags_page(content: bytes, strings: Strings) -> list[Tag]:
    """Read a page of tags. Raises Malformed, also for a tag without a name."""
    return [_tag(entry, strings) for entry in _listing(content, "tags")]


def manifests_page(content: bytes, strings: Strings) -> list[Manifest]:
    """Read a page of manifests. Raises Malformed, also for a manifest without a digest."""
    return [_manifest(entry, strings) for entry in _listing(content, "manifests")]


def body_of(content: bytes) -> BodyState:
    """Read the edges in the bytes of a manifest, whose digest agrees.

    What is no JSON object surely names nothing. What names something in a way that is
    not understood may name anything.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return Unread.GARBAGE
    if not isinstance(document, dict):
        return Unread.GARBAGE
    if any(key not in _EDGES and key.lower() in _EDGES for key in document):
        return Unread.FAILED  # to some readers Manifests is manifests
    try:
        return _body(document)
    except Malformed:
        return Unread.FAILED


def _body(document: dict[str, Any]) -> Body:
    subject = document.get("subject")
    found = None if subject is None else _named(subject)
    entries = document.get("manifests")
    if entries is None:
        return Body(subject=found) if found else PLAIN_BODY
    if not isinstance(entries, list):
        raise Malformed("manifests is no list")
    children = dict.fromkeys(_named(entry) for entry in entries)
    bare = dict.fromkeys(_named(entry) for entry in entries if not entry.get("platform"))
    return Body(tuple(children), found, tuple(bare))


def _named(descriptor: object) -> Digest:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str) or _NAMED_DIGEST.fullmatch(digest) is None:
        raise Malformed("a descriptor without a digest")
    return Digest(digest)


def _object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Malformed("a list is not JSON") from error
    if not isinstance(document, dict):
        raise Malformed("a list is not a JSON object")
    return document


def _entries(document: dict[str, Any], key: str) -> list[Any]:
    entries = document.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise Malformed(f"{key} is no list")
    return entries


def _listing(content: bytes, key: str) -> list[dict[str, Any]]:
    """Read the entries. An answer that does not even say whose list it is, is no empty list."""
    document = _object(content)
    if key not in document and "imageName" not in document:
        raise Malformed(f"an answer is no list of {key}")
    entries = _entries(document, key)
    if not all(isinstance(entry, dict) for entry in entries):
        raise Malformed(f"an entry of {key} is no object")
    return entries


def _tag(entry: dict[str, Any], strings: Strings) -> Tag:
    digest = digest_or_none(entry.get("digest"))
    return Tag(
        name=check_tag(entry.get("name")),
        digest=None if digest is None else Digest(strings.one(digest)),
        updated=_instant(entry.get("lastUpdateTime")),
        lock=_lock(entry.get("changeableAttributes")),
    )


def _manifest(entry: dict[str, Any], strings: Strings) -> Manifest:
    media_type = _word(entry.get("mediaType"))
    size = entry.get("imageSize")
    return Manifest(
        digest=Digest(strings.one(check_digest(entry.get("digest")))),
        media_type=strings.one(media_type) if media_type else None,
        updated=_instant(entry.get("lastUpdateTime")),
        tags=tuple(check_tag(name) for name in _entries(entry, "tags")),
        lock=_lock(entry.get("changeableAttributes")),
        size=size if type(size) is int and size > 0 else 0,
        platform=_platform(entry, strings),
    )


def _platform(entry: dict[str, Any], strings: Strings) -> str | None:
    system, architecture = _word(entry.get("os")), _word(entry.get("architecture"))
    return strings.one(f"{system}/{architecture}") if system and architecture else None


def _word(text: object) -> str | None:
    """Give a text that can be printed anywhere, and nothing else."""
    return text if isinstance(text, str) and text.isascii() and text.isprintable() else None


def _instant(text: object) -> Instant | None:
    try:
        return parse_instant(text) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None


def _lock(attributes: object) -> Lock | None:
    if not isinstance(attributes, dict):
        return None
    delete, write = attributes.get("deleteEnabled"), attributes.get("writeEnabled")
    if isinstance(delete, bool) and isinstance(write, bool):
        return _LOCKS[delete, write]
    return None
