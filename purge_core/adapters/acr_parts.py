"""What a manifest's bytes say of the blobs that an image consists of."""

import json
from collections.abc import Iterator
from typing import Any

from purge_core.model import Digest
from purge_core.sizes import Blob, Parts


def parts_of(digest: Digest, content: bytes) -> Parts:
    """Read a manifest: its configuration, layers and blobs, each with its size.

    What is no manifest has no parts but itself. A blob that is kept elsewhere (``urls``)
    takes nothing here. Docker's oldest form does not tell the sizes of its layers.
    """
    itself = Blob(digest, len(content))
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return Parts((itself,))
    if not isinstance(document, dict):
        return Parts((itself,))
    return Parts((itself, *_blobs(document)))


def _blobs(document: dict[str, Any]) -> Iterator[Blob]:
    config = document.get("config")
    for descriptor in ([config], document.get("layers"), document.get("blobs")):
        for each in descriptor if isinstance(descriptor, list) else ():
            if isinstance(each, dict) and not each.get("urls"):
                yield from _blob(each.get("digest"), each.get("size"))
    old = document.get("fsLayers")
    for each in old if isinstance(old, list) else ():
        if isinstance(each, dict):
            yield from _blob(each.get("blobSum"), None)


def _blob(digest: object, size: object) -> Iterator[Blob]:
    if isinstance(digest, str) and digest:
        yield Blob(Digest(digest), size if type(size) is int and size >= 0 else None)
