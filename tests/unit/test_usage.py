"""Which manifests and tags count as in use, and which reference is told of each."""

from dataclasses import replace

from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import InUse
from purge_core.judgement.references import read_references
from purge_core.judgement.usage import images_in_use
from purge_core.model import Digest, RepositorySnapshot, TagName, UsedNames
from purge_core.policies.policy import Policy
from tests.builders import NOW, image, index, repository, tag

CHILD = image("child")
INNER = index("inner", CHILD, tags=["inner"])
OUTER = index("outer", INNER, tags=["v1", "v2"])
SHOP = repository("shop", OUTER, image("other", tags=["other"]))


def used(names: UsedNames, snapshot: RepositorySnapshot = SHOP) -> dict[Digest, str]:
    """Return what is in use when these names are, with the references."""
    snapshot = replace(snapshot, in_use=names)
    return dict(images_in_use(snapshot, read_references(snapshot)))


def told(names: UsedNames, snapshot: RepositorySnapshot, name: str) -> set[str]:
    """Return the references that are told of a tag."""
    decisions = evaluate(replace(snapshot, in_use=names), Policy(), NOW)
    reasons = decisions.tags[TagName(name)].reasons
    return {reason.reference for reason in reasons if isinstance(reason, InUse)}


def test_nothing_is_in_use_where_nothing_is_named() -> None:
    """Not even by tags that nothing names."""
    assert used({}) == {}
    assert used({TagName("gone"): "r/shop:gone"}) == {}


def test_every_index_above_what_is_named_is_in_use() -> None:
    """Of any depth; what it lists stays for being listed, not for being in use."""
    assert used({CHILD.digest: "by"}) == dict.fromkeys(
        (CHILD.digest, INNER.digest, OUTER.digest), "by"
    )
    assert used({TagName("v1"): "by"}) == {OUTER.digest: "by"}


def test_of_several_references_the_first_by_name_is_told() -> None:
    """Whether tags of one image are named, or several children of one index."""
    either: list[UsedNames] = [
        {TagName("v1"): "b", TagName("v2"): "c"},
        {TagName("v1"): "c", TagName("v2"): "b"},
    ]
    for names in either:
        assert used(names) == {OUTER.digest: "b"}
    other = image("other child")
    snapshot = repository("shop", index("both", CHILD, other))
    either = [{CHILD.digest: "b", other.digest: "c"}, {CHILD.digest: "c", other.digest: "b"}]
    for names in either:
        assert sorted(used(names, snapshot).values()) == ["b", "b", "c"]


def test_what_is_named_itself_tells_that() -> None:
    """And an index above it the first of all that are named below."""
    names: UsedNames = {CHILD.digest: "z", INNER.digest: "y", TagName("inner"): "x"}
    assert used(names) == {CHILD.digest: "z", INNER.digest: "x", OUTER.digest: "x"}


def test_a_tag_tells_the_reference_that_names_it() -> None:
    """Its image's other tags tell the first one that names the image."""
    names: UsedNames = {TagName("v1"): "by v1", TagName("v2"): "by v2"}
    assert told(names, SHOP, "v1") == {"by v1"}
    assert told(names, SHOP, "v2") == {"by v2"}
    assert told({TagName("v2"): "by v2"}, SHOP, "v1") == {"by v2"}
    assert told(names, SHOP, "other") == set()


def test_a_tag_that_is_named_is_in_use_though_its_image_is_not_known() -> None:
    """What it points at is not told by the registry."""
    snapshot = repository("shop", image("app"), loose=[tag("v1").on(None), tag("v2").on(None)])
    names: UsedNames = {TagName("v1"): "by v1"}
    assert told(names, snapshot, "v1") == {"by v1"}
    assert told(names, snapshot, "v2") == set()
    assert used(names, snapshot) == {}
