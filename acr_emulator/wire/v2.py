"""The distribution API, /v2: manifests by their bytes, referrers, tag names."""

import hashlib

from acr_emulator.errors import (
    RegistryAnswer,
    disallowed,
    invalid,
    manifest_unknown,
    name_unknown,
    unsupported,
)
from acr_emulator.media import OCI_INDEX, Facts, read_facts
from acr_emulator.repository import Manifest
from acr_emulator.wire.call import Call, Reply, json_reply
from acr_emulator.wire.service import Service


def ping(_service: Service, _call: Call) -> Reply:
    """Whether the API is spoken here."""
    return json_reply(200, {})


def get_manifest(service: Service, call: Call) -> Reply:
    """A manifest's exact bytes, by digest or tag."""
    manifest = service.registry.manifest(call.repository, call.reference)
    _check_readable(service, call, manifest)
    quirks = manifest.quirks
    if quirks is not None and quirks.get_status is not None:
        if quirks.get_status == 404:  # noqa: PLR2004  HTTP's own number
            raise manifest_unknown(call.reference)
        raise RegistryAnswer(quirks.get_status, "UNKNOWN", "the manifest cannot be read")
    body = manifest.body if quirks is None or quirks.get_body is None else quirks.get_body
    headers = {
        "Content-Type": manifest.media_type or "application/octet-stream",
        "Docker-Content-Digest": manifest.digest,
        "ETag": f'"{manifest.digest}"',
    }
    return Reply(status=200, body=body, headers=headers)


def put_manifest(service: Service, call: Call) -> Reply:
    """Push a manifest under a tag or under its digest."""
    digest = f"sha256:{hashlib.sha256(call.body).hexdigest()}"
    tags = () if ":" in call.reference else (call.reference,)
    if not tags and call.reference != digest:
        raise invalid("DIGEST_INVALID", "provided digest did not match uploaded content")
    if not call.body.lstrip().startswith(b"{"):
        raise invalid("MANIFEST_INVALID", "manifest invalid")
    facts = read_facts(call.body)
    if service.options.require_blobs:
        _check_complete(service, call, facts)
    media_type = call.headers.get("Content-Type", "").partition(";")[0] or None
    service.registry.push(call.repository, call.body, media_type=media_type, tags=tags)
    headers = {
        "Docker-Content-Digest": digest,
        "Location": f"/v2/{call.repository}/manifests/{digest}",
    }
    if facts.subject is not None:
        headers["OCI-Subject"] = facts.subject
    return Reply(status=201, headers=headers)


def delete_manifest(service: Service, call: Call) -> Reply:
    """Delete a manifest by its digest, with its tags and referrers."""
    if ":" not in call.reference:
        raise unsupported()
    service.registry.delete_manifest(call.repository, call.reference)
    return Reply(status=202)


def list_tag_names(service: Service, call: Call) -> Reply:
    """All tag names of a repository."""
    place = service.registry.repository(call.repository)
    names = [
        name for name in place.tags_by_name.ascending(None) if place.tags[name].attributes.list
    ]
    return json_reply(200, {"name": place.name, "tags": names})


def list_referrers(service: Service, call: Call) -> Reply:
    """The manifests whose subject is a digest, as an OCI index; `artifactType` filters."""
    place = service.registry.repositories.get(call.repository)
    if place is None:
        raise name_unknown(call.repository)
    found = [place.manifests[digest] for digest in place.referrers.get(call.reference, ())]
    entries = [_descriptor(manifest) for manifest in found]
    wanted = call.query.get("artifactType")
    headers = {"Content-Type": OCI_INDEX}
    if wanted:
        entries = [entry for entry in entries if entry.get("artifactType") == wanted]
        headers["OCI-Filters-Applied"] = "artifactType"
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    return json_reply(200, document, headers)


def _descriptor(manifest: Manifest) -> dict[str, object]:
    body, facts = manifest.body, manifest.facts
    entry: dict[str, object] = {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(body),
    }
    config_type = None if facts.config is None else facts.config.media_type
    artifact_type = facts.artifact_type or config_type
    if artifact_type:
        entry["artifactType"] = artifact_type
    if facts.annotations:
        entry["annotations"] = facts.annotations
    return entry


def _check_readable(service: Service, call: Call, manifest: Manifest) -> None:
    place = service.registry.repositories[call.repository]
    tag = place.tags.get(call.reference)
    readable = manifest.attributes.read and place.attributes.read
    if not readable or (tag is not None and not tag.attributes.read):
        raise disallowed()


def _check_complete(service: Service, call: Call, facts: Facts) -> None:
    place = service.registry.repositories.get(call.repository)
    for blob in facts.blobs:
        if blob.digest not in service.registry.blobs:
            raise RegistryAnswer(
                404,
                "MANIFEST_BLOB_UNKNOWN",
                "blob unknown to registry",
                detail={"digest": blob.digest},
            )
    for child in facts.children:
        if place is None or child.digest not in place.manifests:
            raise manifest_unknown(child.digest)
