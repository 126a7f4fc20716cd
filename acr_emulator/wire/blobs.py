"""Blobs and their uploads: what `docker push` and its like send before the manifest."""

import hashlib
import re
import secrets
from typing import Final

from acr_emulator.content import Blob
from acr_emulator.errors import RegistryAnswer, blob_unknown, disallowed, invalid
from acr_emulator.wire.call import Call, Reply
from acr_emulator.wire.service import Service

HELD: Final = 1_048_576
"""Bytes. Content up to this size is held; of larger blobs only the size is."""

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


def get_blob(service: Service, call: Call) -> Reply:
    """A blob's content. A blob of which only the size is held answers HEAD, and 404 to GET."""
    blob = service.registry.blobs.get(call.reference)
    if blob is None or (blob.content is None and call.method == "GET"):
        raise blob_unknown(call.reference)
    headers = {
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": call.reference,
    }
    if blob.content is None:
        headers["Content-Length"] = str(blob.size)
    return Reply(status=200, body=blob.content or b"", headers=headers)


def start_upload(service: Service, call: Call) -> Reply:
    """Begin an upload; or take the whole blob at once; or mount one that another repository has."""
    _check_writable(service, call)
    mount = call.query.get("mount", "")
    if mount in service.registry.blobs:
        return _created(call, mount)
    if "digest" in call.query:
        return _finish(service, call, call.body, call.query["digest"])
    upload = secrets.token_hex(16)
    service.uploads[upload] = b""
    return _accepted(service, call, upload)


def continue_upload(service: Service, call: Call) -> Reply:
    """Take the next piece."""
    service.uploads[call.reference] = _held(service, call) + call.body
    return _accepted(service, call, call.reference)


def finish_upload(service: Service, call: Call) -> Reply:
    """Take the last piece, which may be empty, and check the whole against the digest."""
    _check_writable(service, call)
    content = _held(service, call) + call.body
    reply = _finish(service, call, content, call.query.get("digest", ""))
    del service.uploads[call.reference]
    return reply


def _held(service: Service, call: Call) -> bytes:
    content = service.uploads.get(call.reference)
    if content is None:
        raise RegistryAnswer(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
    return content


def _finish(service: Service, call: Call, content: bytes, digest: str) -> Reply:
    true_digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if _DIGEST.fullmatch(digest) is None or digest != true_digest:
        raise invalid("DIGEST_INVALID", "provided digest did not match uploaded content")
    held = content if len(content) <= HELD else None
    service.registry.blobs[digest] = Blob(len(content), held)
    return _created(call, digest)


def _created(call: Call, digest: str) -> Reply:
    location = f"/v2/{call.repository}/blobs/{digest}"
    return Reply(status=201, headers={"Docker-Content-Digest": digest, "Location": location})


def _accepted(service: Service, call: Call, upload: str) -> Reply:
    received = len(service.uploads[upload])
    headers = {
        "Location": f"/v2/{call.repository}/blobs/uploads/{upload}",
        "Docker-Upload-UUID": upload,
        "Range": f"0-{max(received - 1, 0)}",
    }
    return Reply(status=202, headers=headers)


def _check_writable(service: Service, call: Call) -> None:
    place = service.registry.repositories.get(call.repository)
    if place is not None and not place.attributes.write:
        raise disallowed()
