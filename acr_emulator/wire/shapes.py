"""The JSON forms of repositories, tags and manifests, as the real registry writes them."""

from acr_emulator.attributes import Attributes
from acr_emulator.media import INDEX_TYPES, Descriptor
from acr_emulator.options import Options
from acr_emulator.repository import Manifest, Quirks, Repository, Tag
from acr_emulator.times import format_time


def repository_json(repository: Repository, *, login_server: str) -> dict[str, object]:
    """The single GET of a repository."""
    return {
        "registry": login_server,
        "imageName": repository.name,
        "createdTime": format_time(repository.created),
        "lastUpdateTime": format_time(repository.updated),
        "manifestCount": len(repository.manifests),
        "tagCount": len(repository.tags),
        "changeableAttributes": repository.attributes.wire(),
    }


def tag_json(tag: Tag) -> dict[str, object]:
    """A tag, in a list and alone."""
    document: dict[str, object] = {
        "name": tag.name,
        "digest": tag.digest,
        "createdTime": format_time(tag.created),
        "lastUpdateTime": format_time(tag.updated),
        "signed": False,
        "changeableAttributes": _attributes(tag.attributes, tag.quirks),
    }
    return _with_quirks(document, tag.quirks)


def manifest_json(
    manifest: Manifest, repository: Repository, options: Options, *, single: bool
) -> dict[str, object]:
    """A manifest, in a list or (`single`) alone; only alone an index tells its children."""
    document: dict[str, object] = {
        "digest": manifest.digest,
        "imageSize": manifest.size,
        "createdTime": format_time(manifest.created),
        "lastUpdateTime": format_time(manifest.updated),
    }
    if manifest.platform is not None:
        document["architecture"] = manifest.platform.architecture
        document["os"] = manifest.platform.os
    if manifest.media_type is not None:
        document["mediaType"] = manifest.media_type
    tags = _tags(manifest, repository, options)
    if tags:
        document["tags"] = tags if single else tags[: options.tags_per_manifest]
    document["changeableAttributes"] = _attributes(manifest.attributes, manifest.quirks)
    if single and manifest.media_type in INDEX_TYPES:
        document["references"] = [_reference(child) for child in manifest.facts.children]
    return _with_quirks(document, manifest.quirks)


def _tags(manifest: Manifest, repository: Repository, options: Options) -> list[str]:
    names = sorted(manifest.tags)
    if options.hidden_tags_in_manifests:
        return names
    return [name for name in names if repository.tags[name].attributes.list]


def _reference(child: Descriptor) -> dict[str, object]:
    document: dict[str, object] = {"digest": child.digest}
    if child.platform is not None:
        document |= {"architecture": child.platform.architecture, "os": child.platform.os}
    return document


def _attributes(attributes: Attributes, quirks: Quirks | None) -> dict[str, object]:
    return attributes.wire() if quirks is None else attributes.wire() | dict(quirks.attributes)


def _with_quirks(document: dict[str, object], quirks: Quirks | None) -> dict[str, object]:
    if quirks is None:
        return document
    changed = document | dict(quirks.override)
    return {key: value for key, value in changed.items() if key not in quirks.omit}
