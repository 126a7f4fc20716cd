"""The registry's own API, /acr/v1: lists with metadata, single items, locks, and deletes."""

from collections.abc import Iterator, Sequence
from typing import assert_never
from urllib.parse import quote

from acr_emulator.attributes import patched
from acr_emulator.options import EmptyPage
from acr_emulator.repository import Manifest, Repository, Tag
from acr_emulator.sorted_keys import SortedKeys
from acr_emulator.wire.call import Call, Reply, json_reply
from acr_emulator.wire.paging import Order, PageRequest, encode_position, link, page_request, take
from acr_emulator.wire.service import Service
from acr_emulator.wire.shapes import manifest_json, repository_json, tag_json


def catalog(service: Service, call: Call) -> Reply:
    """The repositories' names (both /acr/v1/_catalog and /v2/_catalog)."""
    page = page_request(call.query, service.options)
    places = service.registry.repositories
    visible = (name for name in page.names(service.registry.names) if places[name].attributes.list)
    names, more = take(visible, page.size)
    document = _listed("repositories", names, service.options.empty_page)
    return json_reply(200, document, _next(service, page, call.path, names, more=more))


def get_repository(service: Service, call: Call) -> Reply:
    """One repository's metadata."""
    place = service.registry.repository(call.repository)
    return json_reply(200, repository_json(place, login_server=service.login_server))


def patch_repository(service: Service, call: Call) -> Reply:
    """Lock or unlock a repository."""
    place = service.registry.repository(call.repository)
    service.registry.set_attributes(call.repository, patched(place.attributes, call.json()))
    return get_repository(service, call)


def delete_repository(service: Service, call: Call) -> Reply:
    """Delete a repository with everything in it."""
    manifests, tags = service.registry.delete_repository(call.repository)
    document = {"manifestsDeleted": manifests or None, "tagsDeleted": tags or None}
    return json_reply(202, document)


def list_tags(service: Service, call: Call) -> Reply:
    """The tags of a repository, or of one digest in it."""
    place = service.registry.repository(call.repository)
    page = page_request(call.query, service.options)
    digest = call.query.get("digest", "")
    visible = (tag for tag in _tags(place, page, digest) if tag.attributes.list)
    tags, more = take(visible, page.size)
    document = _head(service, place.name)
    document |= _listed("tags", [tag_json(tag) for tag in tags], service.options.empty_page)
    positions = [_position(page, tag.updated, tag.name) for tag in tags]
    path = f"/acr/v1/{quote(place.name, safe='')}/_tags"
    headers = _next(service, page, path, positions, more=more, digest=digest)
    return json_reply(200, document, headers)


def get_tag(service: Service, call: Call) -> Reply:
    """One tag."""
    tag = service.registry.tag(call.repository, call.reference)
    return json_reply(200, _envelope(service, call, "tag", tag_json(tag)))


def patch_tag(service: Service, call: Call) -> Reply:
    """Lock or unlock a tag."""
    tag = service.registry.tag(call.repository, call.reference)
    changed = patched(tag.attributes, call.json())
    service.registry.set_attributes(call.repository, changed, tag=tag.name)
    return get_tag(service, call)


def delete_tag(service: Service, call: Call) -> Reply:
    """Delete a tag; the answer says what it pointed at."""
    digest = service.registry.delete_tag(call.repository, call.reference)
    return Reply(status=202, headers={"X-Ms-Int-Docker-Content-Digest": digest})


def list_manifests(service: Service, call: Call) -> Reply:
    """The manifests of a repository: indexes, their children and everything else alike."""
    place = service.registry.repository(call.repository)
    page = page_request(call.query, service.options)
    visible = (manifest for manifest in _manifests(place, page) if manifest.attributes.list)
    found, more = take(visible, page.size)
    entries = [manifest_json(each, place, service.options, single=False) for each in found]
    document = _head(service, place.name)
    document |= _listed("manifests", entries, service.options.empty_page)
    positions = [_position(page, each.updated, each.digest) for each in found]
    path = f"/acr/v1/{quote(place.name, safe='')}/_manifests"
    return json_reply(200, document, _next(service, page, path, positions, more=more))


def get_manifest(service: Service, call: Call) -> Reply:
    """One manifest's metadata, by digest or tag."""
    manifest = service.registry.manifest(call.repository, call.reference)
    place = service.registry.repositories[call.repository]
    document = manifest_json(manifest, place, service.options, single=True)
    return json_reply(200, _envelope(service, call, "manifest", document))


def patch_manifest(service: Service, call: Call) -> Reply:
    """Lock or unlock a manifest."""
    manifest = service.registry.manifest(call.repository, call.reference)
    changed = patched(manifest.attributes, call.json())
    service.registry.set_attributes(call.repository, changed, digest=manifest.digest)
    return get_manifest(service, call)


def _envelope(service: Service, call: Call, key: str, item: object) -> dict[str, object]:
    return _head(service, call.repository) | {key: item}


def _head(service: Service, repository: str) -> dict[str, object]:
    return {"registry": service.login_server, "imageName": repository}


def _tags(place: Repository, page: PageRequest, digest: str) -> Iterator[Tag]:
    if digest:
        manifest = place.manifests.get(digest)
        names = () if manifest is None else manifest.tags
        return _ordered(place, page, [place.tags[name] for name in names])
    if page.order is Order.NAME:
        return (place.tags[name] for name in page.names(place.tags_by_name))
    return (place.tags[name] for _, name in page.by_time(place.tags_by_time))


def _ordered(place: Repository, page: PageRequest, tags: Sequence[Tag]) -> Iterator[Tag]:
    """A few tags in the asked order, without the orders that a whole repository keeps."""
    if page.order is Order.NAME:
        names = SortedKeys((tag.name for tag in tags), place.tags.__contains__)
        return (place.tags[name] for name in page.names(names))
    times = SortedKeys(((tag.updated, tag.name) for tag in tags), lambda _: True)
    return (place.tags[name] for _, name in page.by_time(times))


def _manifests(place: Repository, page: PageRequest) -> Iterator[Manifest]:
    if page.order is Order.NAME:
        return (place.manifests[digest] for digest in page.names(place.manifests_by_digest))
    return (place.manifests[digest] for _, digest in page.by_time(place.manifests_by_time))


def _position(page: PageRequest, ticks: int, name: str) -> str:
    return name if page.order is Order.NAME else encode_position(ticks, name)


def _next(
    service: Service,
    page: PageRequest,
    path: str,
    found: Sequence[str],
    *,
    more: bool,
    digest: str = "",
) -> dict[str, str]:
    """The Link header, where a next page is to be named; `found` are the positions on this page."""
    full = service.options.link_on_full_page and len(found) == page.size
    if not (more or full):
        return {}
    return link(path, page, found[-1], options=service.options, digest=digest)


def _listed(key: str, entries: Sequence[object], empty: EmptyPage) -> dict[str, object]:
    if entries:
        return {key: entries}
    match empty:
        case EmptyPage.NULL:
            return {key: None}
        case EmptyPage.EMPTY:
            return {key: []}
        case EmptyPage.ABSENT:
            return {}
        case _:
            assert_never(empty)
