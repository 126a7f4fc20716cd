"""What push, lock and delete do to the state."""

import pytest

from acr_emulator import Registry, RegistryAnswer, Semantics
from acr_emulator.attributes import attributes
from acr_emulator.clock import Clock
from tests.emulator.seeds import NOW, SECOND, image, index, new_registry

WEB = "shop/web"


def digests(registry: Registry, repository: str = WEB) -> set[str]:
    """The digests in a repository."""
    return set(registry.repositories[repository].manifests)


def tags(registry: Registry, repository: str = WEB) -> dict[str, str]:
    """Tags and their digests."""
    return {name: tag.digest for name, tag in registry.repositories[repository].tags.items()}


def refused(error: pytest.ExceptionInfo[RegistryAnswer]) -> tuple[int, str]:
    """Status and code of a refusal."""
    return error.value.status, error.value.code


def test_deleting_a_tag_leaves_its_manifest() -> None:
    """The manifest stays, without that tag."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1", "v2"])
    assert registry.delete_tag(WEB, "v1") == digest
    assert tags(registry) == {"v2": digest}
    assert registry.manifest(WEB, digest).tags == ("v2",)


def test_deleting_a_manifest_takes_its_tags() -> None:
    """All tags of the digest go, no other."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1", "latest"])
    other = image(registry, "b", tags=["v2"])
    assert registry.delete_manifest(WEB, digest) == (digest,)
    assert tags(registry) == {"v2": other}


def test_deleting_an_index_leaves_its_children() -> None:
    """Children are not the index's to take."""
    registry = new_registry()
    amd, arm = image(registry, "amd"), image(registry, "arm")
    registry.delete_manifest(WEB, index(registry, amd, arm, tags=["v1"]))
    assert digests(registry) == {amd, arm}


def test_deleting_a_subject_takes_its_referrers_of_any_depth_and_their_tags() -> None:
    """Tagged or not, signature of a signature or not: they go."""
    registry = new_registry()
    subject = image(registry, "a", tags=["v1"])
    signature = image(registry, "sig", subject=subject, tags=["sig-tag"])
    countersignature = image(registry, "countersig", subject=signature)
    stays = image(registry, "b")
    gone = registry.delete_manifest(WEB, subject)
    assert gone[0] == subject
    assert set(gone) == {subject, signature, countersignature}
    assert digests(registry) == {stays}
    assert tags(registry) == {}


def test_referrers_in_a_circle_end() -> None:
    """Digests that lie can make circles; the cascade takes each once."""
    registry = new_registry()
    for own, other in (("sha256:aa", "sha256:bb"), ("sha256:bb", "sha256:aa")):
        body = b'{"subject":{"digest":"%s","size":1}}' % other.encode()
        registry.push(WEB, body, media_type=None, digest=own)
    image(registry, "stays")
    assert set(registry.delete_manifest(WEB, "sha256:aa")) == {"sha256:aa", "sha256:bb"}


@pytest.mark.parametrize(("takes_locked", "left"), [(True, 0), (False, 2)])
def test_whether_the_cascade_takes_locked_referrers_is_a_choice(
    *, takes_locked: bool, left: int
) -> None:
    """A spared referrer keeps its own referrers."""
    registry = Registry(semantics=Semantics(cascade_takes_locked=takes_locked))
    subject = image(registry, "a")
    image(registry, "other")
    signature = image(registry, "sig", subject=subject)
    countersignature = image(registry, "countersig", subject=signature)
    registry.set_attributes(WEB, attributes(delete=False), digest=signature)
    registry.delete_manifest(WEB, subject)
    assert len(digests(registry) & {signature, countersignature}) == left


def test_without_the_cascade_referrers_stay() -> None:
    """The choice not to cascade leaves them as orphans."""
    registry = Registry(semantics=Semantics(cascade_referrers=False))
    subject = image(registry, "a")
    signature = image(registry, "sig", subject=subject)
    registry.delete_manifest(WEB, subject)
    assert digests(registry) == {signature}


def test_the_last_manifest_takes_the_repository_along() -> None:
    """A repository without manifests does not exist."""
    registry = new_registry()
    registry.delete_manifest(WEB, image(registry, "a"))
    assert registry.repositories == {}
    assert list(registry.names.ascending(None)) == []
    image(registry, "a")
    assert list(registry.names.ascending(None)) == [WEB]


def test_the_last_tag_leaves_the_repository() -> None:
    """Tags do not keep a repository alive, manifests do."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    registry.delete_tag(WEB, "v1")
    assert list(registry.repositories) == [WEB]


@pytest.mark.parametrize("lock", [attributes(delete=False), attributes(write=False)])
def test_locked_items_refuse_their_delete(lock: object) -> None:
    """Either switch locks: tag, manifest, repository."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    registry.tag(WEB, "v1").attributes = lock  # type: ignore[assignment]
    with pytest.raises(RegistryAnswer) as by_tag:
        registry.delete_tag(WEB, "v1")
    registry.manifest(WEB, digest).attributes = lock  # type: ignore[assignment]
    with pytest.raises(RegistryAnswer) as by_digest:
        registry.delete_manifest(WEB, digest)
    with pytest.raises(RegistryAnswer) as whole:
        registry.delete_repository(WEB)
    assert {refused(by_tag), refused(by_digest), refused(whole)} == {
        (405, "REGISTRY_DISALLOWED_OPERATION")
    }


def test_a_locked_repository_refuses_deletes_inside() -> None:
    """The repository's lock covers what is in it."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    registry.set_attributes(WEB, attributes(delete=False))
    with pytest.raises(RegistryAnswer):
        registry.delete_tag(WEB, "v1")
    with pytest.raises(RegistryAnswer):
        registry.delete_manifest(WEB, digest)


def test_a_locked_tag_does_not_save_its_manifest_by_default() -> None:
    """The harsher world: the manifest goes and the locked tag with it."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    image(registry, "b")
    registry.set_attributes(WEB, attributes(delete=False), tag="v1")
    registry.delete_manifest(WEB, digest)
    assert tags(registry) == {}


def test_a_locked_tag_can_guard_its_manifest() -> None:
    """The kinder world, by choice."""
    registry = Registry(semantics=Semantics(tag_lock_guards_manifest=True))
    digest = image(registry, "a", tags=["v1"])
    registry.set_attributes(WEB, attributes(delete=False), tag="v1")
    with pytest.raises(RegistryAnswer):
        registry.delete_manifest(WEB, digest)


@pytest.mark.parametrize("locked", ["tag", "manifest", "repository"])
def test_write_locks_refuse_pushes(locked: str) -> None:
    """Neither a tag is moved nor a manifest pushed again, nor anything into a locked repository."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    named = {"tag": {"tag": "v1"}, "manifest": {"digest": digest}, "repository": {}}[locked]
    registry.set_attributes(WEB, attributes(write=False), **named)
    with pytest.raises(RegistryAnswer):
        image(registry, "b" if locked == "tag" else "a", tags=["v1"])


def test_retagging_moves_the_tag_and_its_update_time_only() -> None:
    """The creation time stays, the old manifest loses the tag."""
    registry = new_registry()
    old = image(registry, "a", tags=["v1"], at=NOW)
    new = image(registry, "b", tags=["v1"], at=NOW + SECOND)
    tag = registry.tag(WEB, "v1")
    assert (tag.digest, tag.created, tag.updated) == (new, NOW, NOW + SECOND)
    assert registry.manifest(WEB, old).tags == ()
    assert registry.manifest(WEB, old).updated == NOW


def test_pushing_again_updates_the_manifest() -> None:
    """The same bytes are the same manifest, updated."""
    registry = new_registry()
    digest = image(registry, "a", at=NOW)
    image(registry, "a", at=NOW + SECOND)
    manifest = registry.manifest(WEB, digest)
    assert (manifest.created, manifest.updated) == (NOW, NOW + SECOND)
    assert len(digests(registry)) == 1


def test_locks_change_no_time() -> None:
    """A PATCH is not an update."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"], at=NOW - SECOND)
    registry.set_attributes(WEB, attributes(delete=False), tag="v1")
    registry.set_attributes(WEB, attributes(delete=False), digest=digest)
    assert registry.tag(WEB, "v1").updated == NOW - SECOND
    assert registry.manifest(WEB, digest).updated == NOW - SECOND


def test_pushes_are_stamped_by_the_clock() -> None:
    """Without an instant of its own a push happens now."""
    registry = Registry(clock=Clock(start=NOW))
    registry.clock.advance(1)
    manifest = registry.push(WEB, b"{}", media_type=None, tags=["v1"])
    assert manifest.updated == registry.tag(WEB, "v1").created == NOW + SECOND


def test_what_is_missing_is_told_by_its_kind() -> None:
    """Tags, manifests and repositories have their own codes."""
    registry = new_registry()
    image(registry, "a")
    with pytest.raises(RegistryAnswer) as tag:
        registry.delete_tag(WEB, "v9")
    with pytest.raises(RegistryAnswer) as manifest:
        registry.delete_manifest(WEB, "sha256:00")
    with pytest.raises(RegistryAnswer) as repository:
        registry.delete_repository("nowhere")
    with pytest.raises(RegistryAnswer) as tag_of_nothing:
        registry.delete_tag("nowhere", "v1")
    assert refused(tag) == refused(tag_of_nothing) == (404, "TAG_UNKNOWN")
    assert refused(manifest) == (404, "MANIFEST_UNKNOWN")
    assert refused(repository) == (404, "NAME_UNKNOWN")
