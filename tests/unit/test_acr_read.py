"""The registry's JSON, read: what is missing or odd stays unknown, and never becomes a value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.adapters.acr_read import (
    Strings,
    body_of,
    check_digest,
    check_repository,
    check_tag,
    digest_or_none,
    manifests_page,
    names_page,
    tags_page,
)
from purge_core.errors import Malformed
from purge_core.instants import parse_instant
from purge_core.model import (
    OPEN,
    PLAIN_BODY,
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    Tag,
    TagName,
    Unread,
)

A = Digest("sha256:" + "a" * 64)
B = Digest("sha256:" + "b" * 64)
TIME = "2023-02-17T22:03:32.9324508Z"
UNLOCKED = {"deleteEnabled": True, "writeEnabled": True, "readEnabled": True, "listEnabled": True}
TAG = {
    "name": "v1",
    "digest": A,
    "createdTime": TIME,
    "lastUpdateTime": TIME,
    "signed": False,
    "changeableAttributes": UNLOCKED,
}
MANIFEST = {
    "digest": A,
    "imageSize": 22609679,
    "createdTime": TIME,
    "lastUpdateTime": TIME,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "architecture": "amd64",
    "os": "linux",
    "tags": ["v1", "latest"],
    "changeableAttributes": UNLOCKED,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


def page(key: str, *entries: object) -> bytes:
    """Return a page as the registry writes it."""
    document = {"registry": "r.azurecr.io", "imageName": "shop/web", key: list(entries)}
    return json.dumps(document).encode() + b"\n"


def tag(**changes: object) -> Tag:
    """Read a tag whose entry differs in some keys; a value of ... takes the key away."""
    return tags_page(page("tags", changed(TAG, changes)), Strings())[0]


def manifest(**changes: object) -> Manifest:
    """Read a manifest whose entry differs in some keys; a value of ... takes the key away."""
    return manifests_page(page("manifests", changed(MANIFEST, changes)), Strings())[0]


def changed(entry: dict[str, Any], changes: dict[str, object]) -> dict[str, object]:
    """Return an entry with changes."""
    return {key: value for key, value in {**entry, **changes}.items() if value is not ...}


def test_tag_is_read() -> None:
    """Name, digest, time and lock, the time to its seventh digit."""
    assert tag() == Tag(TagName("v1"), A, parse_instant(TIME), OPEN)
    assert parse_instant(TIME) % 10 == 8


def test_manifest_is_read() -> None:
    """Digest, media type, time, tags, lock, size and platform."""
    assert manifest() == Manifest(
        A,
        "application/vnd.oci.image.manifest.v1+json",
        parse_instant(TIME),
        (TagName("v1"), TagName("latest")),
        OPEN,
        22609679,
        "linux/amd64",
    )


@pytest.mark.parametrize("time", [..., None, "", "yesterday", 5, "2023-13-01T00:00:00Z", [TIME]])
def test_unreadable_time_is_unknown(time: object) -> None:
    """A time that is missing or makes no sense is no time."""
    assert tag(lastUpdateTime=time).updated is None
    assert manifest(lastUpdateTime=time).updated is None


@pytest.mark.parametrize(
    "attributes",
    [
        ...,
        None,
        [],
        "open",
        {},
        {"deleteEnabled": True},
        {"writeEnabled": True},
        {"deleteEnabled": True, "writeEnabled": None},
        {"deleteEnabled": "true", "writeEnabled": True},
        {"deleteEnabled": 1, "writeEnabled": 1},
    ],
)
def test_lock_that_is_not_told_wholly_is_unknown(attributes: object) -> None:
    """Both switches have to be there, as booleans, before a lock is known."""
    assert tag(changeableAttributes=attributes).lock is None
    assert manifest(changeableAttributes=attributes).lock is None


@pytest.mark.parametrize("delete", [True, False])
@pytest.mark.parametrize("write", [True, False])
def test_lock_is_read(delete: bool, write: bool) -> None:
    """Both switches are told apart."""
    attributes = {"deleteEnabled": delete, "writeEnabled": write}
    assert tag(changeableAttributes=attributes).lock == Lock(delete, write)
    assert manifest(changeableAttributes=attributes).lock == Lock(delete, write)


def test_open_lock_is_shared() -> None:
    """A million unlocked items share one lock."""
    assert tag().lock is OPEN
    assert manifest().lock is OPEN


@pytest.mark.parametrize("digest", [..., None, "", 7, "latest", "sha256:abc", "sha256:" + "A" * 64])
def test_odd_digest_of_a_tag_is_unknown(digest: object) -> None:
    """A tag may point at something that we cannot name."""
    assert tag(digest=digest).digest is None


@pytest.mark.parametrize(
    "digest", [..., None, "", 7, "latest", "sha256:abc", f"{A}\n", "sha256:" + "A" * 64]
)
def test_manifest_without_a_digest_is_refused(digest: object) -> None:
    """What cannot be named cannot be judged; and the client would take it for a tag."""
    with pytest.raises(Malformed):
        manifest(digest=digest)
    with pytest.raises(Malformed):
        check_digest(digest)


@pytest.mark.parametrize("name", [..., None, "", 7, ".", "..", "a/b", "a b", "a%2fb", "a" * 129])
def test_tag_without_a_name_is_refused(name: object) -> None:
    """A name that is a path would make a request something else."""
    with pytest.raises(Malformed):
        tag(name=name)
    with pytest.raises(Malformed):
        manifest(tags=[name if name is not ... else None])
    with pytest.raises(Malformed):
        check_tag(name)


@pytest.mark.parametrize("tags", [..., None, []])
def test_manifest_without_tags(tags: object) -> None:
    """The registry leaves the key out when there are none."""
    assert manifest(tags=tags).tags == ()


@pytest.mark.parametrize("tags", ["v1", {"v1": 1}, 1, True])
def test_manifest_with_odd_tags_is_refused(tags: object) -> None:
    """Tags that cannot be read are not no tags."""
    with pytest.raises(Malformed):
        manifest(tags=tags)


@pytest.mark.parametrize("media_type", [..., None, "", 5, {}, "a\ud800", "a\n"])
def test_media_type_may_be_missing(media_type: object) -> None:
    """A media type that is not told is none, never a guess."""
    assert manifest(mediaType=media_type).media_type is None


@pytest.mark.parametrize("size", [..., None, -1, "12", 1.5, True, {}])
def test_odd_size_is_nothing(size: object) -> None:
    """A size only counts bytes for a report, so an odd one counts as none."""
    assert manifest(imageSize=size).size == 0


@pytest.mark.parametrize(
    "changes", [{"os": ...}, {"architecture": None}, {"os": ""}, {"os": 1}, {"os": "\ud800"}]
)
def test_platform_needs_both_halves(changes: dict[str, object]) -> None:
    """Half a platform is none."""
    assert manifest(**changes).platform is None


def test_strings_are_shared_between_listings() -> None:
    """Both listings of a repository hold one copy of each digest."""
    strings = Strings()
    (read_tag,) = tags_page(page("tags", TAG), strings)
    (read_manifest,) = manifests_page(page("manifests", MANIFEST), strings)
    assert read_tag.digest is read_manifest.digest


@pytest.mark.parametrize("entries", ["null", "[]"])
def test_empty_page(entries: str) -> None:
    """A repository without tags has null or an empty list."""
    text = f'{{"registry":"r","imageName":"a","tags":{entries},"manifests":{entries}}}'.encode()
    assert tags_page(text, Strings()) == []
    assert manifests_page(text, Strings()) == []


def test_absent_list_needs_the_name_of_its_repository() -> None:
    """An empty object is no empty listing: everything would look untagged."""
    assert tags_page(b'{"registry":"r","imageName":"a"}', Strings()) == []
    for nothing in (b"{}", b'{"errors":[]}', b'{"manifests":[]}'):
        with pytest.raises(Malformed):
            tags_page(nothing, Strings())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"null",
        b"[]",
        b'{"tags":{}}',
        b'{"tags":[null]}',
        b'{"tags":["v1"]}',
        b'{"tags":[' + b"[" * 100_000,
        b'\xff\xfe{"tags":null}',
        b'{"tags":5}',
    ],
)
def test_page_that_is_none_is_refused(content: bytes) -> None:
    """What is not a list of entries is an error, never an empty list."""
    with pytest.raises(Malformed):
        tags_page(content, Strings())


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b'{"repositories":["a","b/c"]}', ["a", "b/c"]),
        (b'{"repositories":null}', []),
        (b"{}", []),
    ],
)
def test_catalogue_page(content: bytes, names: list[str]) -> None:
    """The catalogue is a list of names, or nothing."""
    assert names_page(content) == names


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/..", "a/./b", "a//b", "/a", "a/", "a b", "a%2f", "a?b", "a#"]
)
def test_repository_that_is_a_path_is_refused(name: str) -> None:
    """A name with dots for parts would lead a request elsewhere."""
    with pytest.raises(Malformed):
        check_repository(name)
    with pytest.raises(Malformed):
        names_page(json.dumps({"repositories": [name]}).encode())


LONG = Digest("sha512:" + "0" * 128)
PLATFORM = {"os": "linux", "architecture": "amd64"}


@pytest.mark.parametrize(
    ("document", "state"),
    [
        ({}, PLAIN_BODY),
        ({"config": {}, "layers": []}, PLAIN_BODY),
        ({"subject": None, "manifests": None}, PLAIN_BODY),
        ({"subject": {"digest": A}}, Body(subject=A)),
        ({"manifests": []}, PLAIN_BODY),
        ({"manifests": [{"digest": A, "platform": PLATFORM}]}, Body((A,))),
        ({"manifests": [{"digest": A}]}, Body((A,), None, (A,))),
        ({"manifests": [{"digest": A, "platform": None}]}, Body((A,), None, (A,))),
        ({"manifests": [{"digest": A, "platform": {}}]}, Body((A,), None, (A,))),
        (
            {
                "subject": {"digest": B},
                "manifests": [
                    {"digest": A, "platform": PLATFORM},
                    {"digest": B, "platform": PLATFORM},
                    {"digest": A},
                ],
            },
            Body((A, B), B, (A,)),
        ),
        ({"manifests": [{"digest": LONG, "platform": PLATFORM}]}, Body((LONG,))),
    ],
)
def test_body_names(document: dict[str, Any], state: BodyState) -> None:
    """Children once each, the subject, and who of the children states no platform."""
    assert body_of(json.dumps(document).encode()) == state


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"5", b"null", b'"x"', b"[" * 10**5])
def test_body_that_is_no_object_names_nothing(content: bytes) -> None:
    """Bytes that are received whole and no JSON object surely name nothing."""
    assert body_of(content) is Unread.GARBAGE


@pytest.mark.parametrize(
    "document",
    [
        {"manifests": {"digest": A}},
        {"manifests": "x"},
        {"manifests": [A]},
        {"manifests": [None]},
        {"manifests": [{}]},
        {"manifests": [{"digest": None}]},
        {"manifests": [{"digest": 5}]},
        {"manifests": [{"digest": "latest"}]},
        {"manifests": [{"digest": A}, {"mediaType": "x"}]},
        {"subject": A},
        {"subject": {}},
        {"subject": {"digest": ""}},
        {"subject": []},
        {"Manifests": [{"digest": A}]},
        {"manifests": [], "MANIFESTS": [{"digest": A}]},
        {"Subject": {"digest": A}},
    ],
)
def test_body_that_names_in_an_odd_way_is_unknown(document: dict[str, Any]) -> None:
    """What is there and not understood may name anything."""
    assert body_of(json.dumps(document).encode()) is Unread.FAILED


@given(JSON)
def test_any_json_is_a_body_state(document: object) -> None:
    """No JSON breaks the reading of a body."""
    state = body_of(json.dumps(document).encode())
    assert isinstance(state, Body | Unread)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(MANIFEST, JSON)))
def test_any_entry_is_a_manifest_or_refused(entry: dict[str, Any]) -> None:
    """No entry breaks the reading of a page, and no manifest comes without a digest."""
    try:
        (found,) = manifests_page(page("manifests", entry), Strings())
    except Malformed:
        return
    assert digest_or_none(found.digest) is not None


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(TAG, JSON)))
def test_any_entry_is_a_tag_or_refused(entry: dict[str, Any]) -> None:
    """No entry breaks the reading of a page, and no tag comes without a name."""
    try:
        (found,) = tags_page(page("tags", entry), Strings())
    except Malformed:
        return
    assert found.name
