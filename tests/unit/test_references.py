"""Who names whom: every kind of edge, what is missing, and what runs in circles."""

from collections.abc import Mapping

import pytest

from purge_core.judgement.references import References, read_references, signed_image
from purge_core.model import (
    Body,
    Digest,
    Manifest,
    RepositoryName,
    RepositorySnapshot,
    Tag,
    TagName,
    Unread,
)
from tests.builders import NOW, OCI_INDEX


def d(letter: str) -> Digest:
    """Return a digest that is easily told from others; only ``a`` to ``f`` may be signed."""
    return Digest(f"sha256:{letter * 64}")


def ds(letters: str) -> tuple[Digest, ...]:
    """Return several digests."""
    return tuple(map(d, letters))


def lists(letters: str, subject: str = "") -> Body:
    """Make a body that lists some manifests, and may refer to one."""
    return Body(ds(letters), d(subject) if subject else None)


def signs(image: str, holder: str | None, kind: str = "sig") -> Tag:
    """Make the tag by which ``holder`` signs ``image``."""
    name = TagName(f"sha256-{image * 64}.{kind}")
    return Tag(name, None if holder is None else d(holder), NOW)


def read(listed: str, bodies: Mapping[str, Body | Unread], *tags: Tag) -> References:
    """Read the edges of a repository that lists these manifests."""
    manifests = tuple(Manifest(digest, OCI_INDEX, NOW) for digest in ds(listed))
    known = {d(letter): body for letter, body in bodies.items()}
    return read_references(RepositorySnapshot(RepositoryName("r"), tags, manifests, known))


def test_indexes_and_children() -> None:
    """Both ways, in order and each once; what is not there is missing."""
    found = read("abcd", {"a": lists("dcxcy"), "b": lists("c")})
    assert found.children == {d("a"): ds("dc"), d("b"): ds("c")}
    assert found.parents == {d("c"): ds("ab"), d("d"): ds("a")}
    assert found.missing == {d("a"): ds("xy")}
    assert found.listed == frozenset(ds("abcd"))


def test_subjects_and_referrers() -> None:
    """A chain of subjects ends at the root; one whose subject is missing is an orphan."""
    bodies = {"a": lists("", "b"), "b": lists("", "c"), "d": lists("", "c"), "e": lists("", "x")}
    for order in (bodies, dict(reversed(bodies.items()))):
        found = read("abcde", order)
        assert found.subject == {d("a"): d("b"), d("b"): d("c"), d("d"): d("c")}
        assert found.referrers == {d("b"): ds("a"), d("c"): ds("bd")}
        assert found.orphans == {d("e"): d("x")}
        assert found.family == dict.fromkeys(ds("abd"), d("c"))
        assert [found.root(digest) for digest in ds("abcde")] == list(ds("cccce"))
        assert not found.cyclic


def test_signatures_lead_from_the_image_to_what_their_tags_name() -> None:
    """Not from a missing image, not to nothing, and not from an image to itself."""
    tags = [signs("a", "c"), signs("a", "b", "att"), signs("b", "b"), signs("c", None)]
    found = read("abc", {}, *tags, signs("e", "a"), Tag(TagName("v1"), None, NOW))
    assert found.signatures == {d("a"): ds("bc")}


@pytest.mark.parametrize(
    ("name", "image"),
    [
        (f"sha256-{'0a' * 32}.sig", f"sha256:{'0a' * 32}"),
        (f"sha256-{'0a' * 32}.sbom", f"sha256:{'0a' * 32}"),
        (f"sha256-{'0A' * 32}.sig", None),
        (f"sha256-{'0a' * 32}.txt", None),
        (f"sha256-{'0a' * 32}.sig2", None),
        (f"x-sha256-{'0a' * 32}.sig", None),
        (f"sha256-{'0a' * 31}.sig", None),
        ("latest", None),
    ],
)
def test_the_scheme_of_signature_tags(name: str, image: str | None) -> None:
    """The whole name counts, in lower case."""
    assert signed_image(TagName(name)) == image


def test_what_listings_hide_and_a_tag_names_is_there() -> None:
    """It can list, refer and be referred to; as a child it is neither there nor missing."""
    bodies = {"h": lists("ah"), "a": lists("h"), "b": lists("", "h"), "x": lists("a")}
    found = read("ab", bodies, Tag(TagName("hidden"), d("h"), NOW), Tag(TagName("none"), None, NOW))
    assert found.children == {d("h"): ds("a")}
    assert found.parents == {d("a"): ds("h")}
    assert found.missing == {}
    assert found.referrers == {d("h"): ds("b")}
    assert found.orphans == {}
    assert found.signatures == {}


def test_what_could_not_be_read_names_nothing() -> None:
    """Whatever the reason."""
    found = read("abc", {"a": Unread.GONE, "b": Unread.GARBAGE, "c": Unread.FAILED})
    assert not found.children
    assert not found.subject


@pytest.mark.parametrize(
    ("bodies", "tags"),
    [
        ({"a": lists("b"), "b": lists("a")}, []),
        ({"a": lists("", "b"), "b": lists("", "a")}, []),
        ({}, [signs("a", "b"), signs("b", "a")]),
        ({"a": lists("b", "b")}, []),
        ({"a": lists("b")}, [signs("b", "a")]),
    ],
    ids=["children", "subjects", "signatures", "child and subject", "child and signature"],
)
def test_a_circle_of_any_kind_is_found(bodies: dict[str, Body], tags: list[Tag]) -> None:
    """What leads into it, and what it leads to, is not on it."""
    a = bodies.get("a", lists(""))
    leading = {**bodies, "u": lists("a"), "a": Body((*a.children, d("c")), a.subject)}
    assert read("uabc", leading, *tags).cyclic == frozenset(ds("ab"))


def test_a_long_chain_is_no_circle() -> None:
    """However deep indexes lie in one another, and whatever hangs below a circle."""
    chain = {one: lists(other) for one, other in zip("abcdefg", "bcdefgh", strict=True)}
    assert not read("abcdefgh", chain).cyclic
    below = {**chain, "x": lists("xa")}
    assert read("abcdefghx", below).cyclic == frozenset(ds("x"))
    above = {**chain, "h": lists("h")}
    assert read("abcdefgh", above).cyclic == frozenset(ds("h"))


def test_what_lies_between_two_circles_counts_as_well() -> None:
    """It can go neither before nor after them."""
    bodies = {"a": lists("ab"), "b": lists("c"), "c": lists("cd")}
    assert read("abcd", bodies).cyclic == frozenset(ds("abc"))


def test_a_circle_of_subjects_further_up_ends_the_chain() -> None:
    """And the chains after it are followed all the same."""
    bodies = {"a": lists("", "b"), "b": lists("", "c"), "c": lists("", "b"), "d": lists("", "e")}
    found = read("abcde", bodies)
    assert found.cyclic == frozenset(ds("bc"))
    assert found.family[d("d")] == d("e")
    assert found.root(d("a")) in ds("bc")


def test_families_that_list_each_other_are_cyclic() -> None:
    """Though no manifest alone is: each subject would have to go before the other."""
    bodies = {
        "a": lists("4", "s"),
        "b": lists("3", "t"),
        "3": lists("", "s"),
        "4": lists("", "t"),
        "f": lists("", "s"),
        "g": lists("t"),
    }
    found = read("abst34fgh", bodies)
    assert found.cyclic == frozenset(ds("abst34f"))
    assert not read("abst34fg", {**bodies, "b": lists("", "t")}).cyclic


def test_an_index_between_a_subject_and_its_referrer_is_cyclic() -> None:
    """The subject lists it, and it lists the referrer, which goes with the subject."""
    bodies = {"s": lists("a"), "a": lists("b"), "b": lists("", "s")}
    assert read("abs", bodies).cyclic == frozenset(ds("abs"))


def test_families_that_sign_each_other_are_cyclic() -> None:
    """A signature tag ties its image to what it names, too."""
    bodies = {"a": lists("", "s"), "b": lists("", "t"), "c": lists("", "s"), "d": lists("", "t")}
    found = read("abcdst", bodies, signs("a", "d"), signs("b", "c"))
    assert found.cyclic == frozenset(ds("abcdst"))
    assert not read("abcdst", bodies, signs("a", "d")).cyclic
