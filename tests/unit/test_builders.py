"""The words that build snapshots, and the registry that tests believe in."""

import hashlib
import json

from purge_core.model import Body, Digest, Tag, TagName, Unread
from tests.builders import (
    NOW,
    OCI_INDEX,
    Made,
    days,
    image,
    index,
    referrer,
    repository,
    signature,
    tag,
)
from tests.truth import after, with_referrers


def test_digests_are_true_and_stable() -> None:
    """A digest is that of the bytes, the same in every run."""
    made = image("app")
    assert made.digest == f"sha256:{hashlib.sha256(made.content).hexdigest()}"
    assert made.digest == image("app", tags=["v1"], age=days(1)).digest
    assert made.digest != image("other").digest


def test_bytes_name_what_the_body_names() -> None:
    """The JSON of an index lists its children, platforms included, and its subject."""
    subject, amd64, odd = image("s"), image("amd64"), image("odd", platform=None)
    made = index("idx", amd64, odd, subject=subject)
    document = json.loads(made.content)
    assert document["mediaType"] == OCI_INDEX
    assert [d["digest"] for d in document["manifests"]] == [amd64.digest, odd.digest]
    assert document["manifests"][0]["platform"] == {"os": "linux", "architecture": "amd64"}
    assert document["subject"]["digest"] == subject.digest
    assert made.body == Body((amd64.digest, odd.digest), subject.digest, (odd.digest,))


def test_repository_holds_what_is_named_once() -> None:
    """Children and subjects come along, once each; what is absent does not."""
    shared = image("shared")
    left, right = index("left", shared), index("right", shared)
    sbom = referrer(left)
    made = repository("shop", sbom, right, absent=[right])
    listed = {m.digest for m in made.manifests or ()}
    assert listed == {sbom.digest, left.digest, shared.digest} == set(made.bodies)


def test_tags_stand_in_both_listings() -> None:
    """A tag is in the tag listing with its own age, and its name at its manifest."""
    app = image("app", tags=["v1", tag("latest", age=days(1))], age=days(5))
    loose = Tag(TagName("loose"), Digest("sha256:0"), None)
    made = repository("shop", app, loose=[loose], unread={app.digest: Unread.FAILED})
    assert {t.name: t.updated for t in made.tags} == {
        "v1": NOW - days(5),
        "latest": NOW - days(1),
        "loose": None,
    }
    assert made.manifests is not None
    assert made.manifests[0].tags == ("latest", "v1")
    assert made.bodies == {app.digest: Unread.FAILED}


def test_signature_is_tagged_with_what_it_signs() -> None:
    """A signature's tag is the digest of the image, written as cosign writes it."""
    app = image("app")
    made: Made = signature(app, "att")
    assert [t.name for t in made.tags] == [f"sha256-{app.digest[7:]}.att"]


def test_registry_deletes_referrers_along_and_leaves_children() -> None:
    """Referrers of any depth and all their tags go with a manifest; its children stay."""
    child = image("child")
    idx = index("idx", child, tags=["v1"])
    sbom = referrer(idx, tags=["sbom"])
    deep = referrer(sbom, "deep")
    state = repository("shop", deep, image("other", tags=["v2"]))
    assert with_referrers(state, [idx.digest]) == {idx.digest, sbom.digest, deep.digest}
    left = after(state, [TagName("v2")], [idx.digest])
    assert left.tags == ()
    assert {m.digest for m in left.manifests or ()} == {child.digest, image("other").digest}
    assert all(m.tags == () for m in left.manifests or ())
    assert set(left.bodies) == {child.digest, image("other").digest}
