"""Lists: order, pages, links, what is left out."""

from collections.abc import Sequence

import pytest

from acr_emulator import EmptyPage, Emulator, Options, Registry
from acr_emulator.attributes import attributes
from tests.emulator.http import serving
from tests.emulator.seeds import NOW, SECOND, image, index, new_registry

WEB = "shop/web"
TAGS = "/acr/v1/shop%2Fweb/_tags"
MANIFESTS = "/acr/v1/shop%2Fweb/_manifests"


def numbered(count: int) -> Registry:
    """Images t0, t1, ... of one tag each, t0 the newest."""
    registry = new_registry()
    for number in range(count):
        image(registry, f"{number}", tags=[f"t{number}"], at=NOW - number * SECOND)
    return registry


def names(pages: Sequence[Sequence[dict[str, str]]]) -> list[list[str]]:
    """The tags' names, page by page."""
    return [[entry["name"] for entry in page] for page in pages]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", [["t0", "t1"], ["t2", "t3"], ["t4"]]),
        ("timedesc", [["t0", "t1"], ["t2", "t3"], ["t4"]]),
        ("timeasc", [["t4", "t3"], ["t2", "t1"], ["t0"]]),
    ],
)
async def test_pages_in_every_order(order: str, expected: list[list[str]]) -> None:
    """Links lead through all pages, each entry once."""
    async with serving(Emulator(numbered(5))) as client:
        pages = await client.pages(f"{TAGS}?n=2&orderby={order}", "tags")
        assert names(pages) == expected


@pytest.mark.parametrize("order", ["", "timedesc", "timeasc"])
async def test_manifests_come_in_the_same_orders(order: str) -> None:
    """By digest, or by update time either way."""
    registry = numbered(5)
    manifests = registry.repositories[WEB].manifests
    expected = {
        "": sorted(manifests),
        "timedesc": sorted(manifests, key=lambda it: -manifests[it].updated),
        "timeasc": sorted(manifests, key=lambda it: manifests[it].updated),
    }[order]
    async with serving(Emulator(registry)) as client:
        pages = await client.pages(f"{MANIFESTS}?n=2&orderby={order}", "manifests")
        assert [entry["digest"] for page in pages for entry in page] == expected


@pytest.mark.parametrize(("with_link", "pages"), [(True, 3), (False, 2)])
async def test_a_full_last_page_names_an_empty_one(*, with_link: bool, pages: int) -> None:
    """As the real registry does, unless chosen otherwise."""
    options = Options(link_on_full_page=with_link)
    async with serving(Emulator(numbered(4), options)) as client:
        assert len(await client.pages(f"{TAGS}?n=2", "tags")) == pages


@pytest.mark.parametrize(
    ("empty", "text"),
    [(EmptyPage.NULL, ',"tags":null}\n'), (EmptyPage.EMPTY, ',"tags":[]}\n')],
)
async def test_an_empty_list_is_null_or_empty(empty: EmptyPage, text: str) -> None:
    """The real registry writes null."""
    registry = new_registry()
    image(registry, "a")
    async with serving(Emulator(registry, Options(empty_page=empty))) as client:
        assert (await client.get(TAGS)).body.decode().endswith(text)


async def test_an_empty_list_can_be_absent() -> None:
    """Some registries leave the key out."""
    registry = new_registry()
    image(registry, "a")
    async with serving(Emulator(registry, Options(empty_page=EmptyPage.ABSENT))) as client:
        assert (await client.get(TAGS)).json.keys() == {"registry", "imageName"}


@pytest.mark.parametrize("order", ["", "timedesc"])
async def test_deleting_a_page_does_not_disturb_the_next(order: str) -> None:
    """The position stays valid when its tag is gone."""
    registry = numbered(5)
    async with serving(Emulator(registry)) as client:
        first = await client.get(f"{TAGS}?n=2&orderby={order}")
        for entry in first.json["tags"]:
            registry.delete_tag(WEB, entry["name"])
        link = first.headers["Link"]
        rest = await client.pages(link[1 : link.index(">")], "tags")
        assert names(rest) == [["t2", "t3"], ["t4"]]


async def test_a_page_is_100_and_at_most_the_cap() -> None:
    """Without n 100; what is asked beyond the cap is cut without a word."""
    async with serving(Emulator(numbered(150), Options(page_cap=120))) as client:
        assert len((await client.get(TAGS)).json["tags"]) == 100
        capped = await client.get(f"{TAGS}?n=5000")
        assert len(capped.json["tags"]) == 120
        assert "&n=120&" in capped.headers["Link"]


@pytest.mark.parametrize("size", ["0", "-1", "many"])
async def test_sizes_that_are_none_are_bad_requests(size: str) -> None:
    """A page has at least one entry."""
    async with serving(Emulator(numbered(1))) as client:
        assert (await client.get(f"{TAGS}?n={size}")).status == 400


async def test_last_may_be_encoded_once_or_twice() -> None:
    """Clients differ."""
    registry = numbered(3)
    digests = sorted(registry.repositories[WEB].manifests)
    async with serving(Emulator(registry)) as client:
        for last in (digests[0], digests[0].replace(":", "%3A"), digests[0].replace(":", "%253A")):
            answer = await client.get(f"{MANIFESTS}?last={last}")
            assert [entry["digest"] for entry in answer.json["manifests"]] == digests[1:]


async def test_a_position_of_another_order_is_a_bad_request() -> None:
    """The opaque position is not a name."""
    async with serving(Emulator(numbered(1))) as client:
        answer = await client.get(f"{TAGS}?orderby=timedesc&last=t0")
        assert answer.status == 400


@pytest.mark.parametrize("order", ["", "timedesc", "timeasc"])
async def test_tags_of_one_digest(order: str) -> None:
    """The filter pages like the whole list and keeps itself in the link."""
    registry = numbered(3)
    digest = image(registry, "many", tags=["a", "b", "c"])
    async with serving(Emulator(registry)) as client:
        pages = await client.pages(f"{TAGS}?n=2&digest={digest}&orderby={order}", "tags")
        assert sorted(name for page in names(pages) for name in page) == ["a", "b", "c"]
        assert len(pages) == 2


async def test_the_catalogue_is_lexical_in_both_places() -> None:
    """The two addresses give the same names, with links of their own."""
    registry = new_registry()
    for name in ("b", "a/z", "a"):
        image(registry, "x", repository=name)
    async with serving(Emulator(registry)) as client:
        for path in ("/acr/v1/_catalog", "/v2/_catalog"):
            first = await client.get(f"{path}?n=2")
            assert first.json == {"repositories": ["a", "a/z"]}
            assert first.headers["Link"].startswith(f"<{path}?last=a%2Fz&n=2")


async def test_what_is_not_listed_can_still_be_got() -> None:
    """ListEnabled hides a tag, a manifest, a repository from lists only."""
    registry = new_registry()
    digest = image(registry, "a", tags=["hidden", "seen"])
    other = image(registry, "b")
    image(registry, "c", repository="secret")
    unlisted = attributes(list=False)
    registry.set_attributes(WEB, unlisted, tag="hidden")
    registry.set_attributes(WEB, unlisted, digest=other)
    registry.set_attributes("secret", unlisted)
    async with serving(Emulator(registry)) as client:
        assert names([(await client.get(TAGS)).json["tags"]]) == [["seen"]]
        (listed,) = (await client.get(MANIFESTS)).json["manifests"]
        assert (listed["digest"], listed["tags"]) == (digest, ["seen"])
        assert (await client.get("/acr/v1/_catalog")).json == {"repositories": [WEB]}
        for path in (f"{TAGS}/hidden", f"{MANIFESTS}/{other}", "/acr/v1/secret"):
            assert (await client.get(path)).status == 200


async def test_hidden_tags_can_be_shown_in_manifests() -> None:
    """The kinder world, by choice."""
    registry = new_registry()
    image(registry, "a", tags=["hidden"])
    registry.set_attributes(WEB, attributes(list=False), tag="hidden")
    options = Options(hidden_tags_in_manifests=True)
    async with serving(Emulator(registry, options)) as client:
        (listed,) = (await client.get(MANIFESTS)).json["manifests"]
        assert listed["tags"] == ["hidden"]


async def test_manifest_lists_may_cut_tags() -> None:
    """A list can tell fewer tags than the single GET."""
    registry = new_registry()
    digest = image(registry, "a", tags=[f"t{number:02}" for number in range(12)])
    async with serving(Emulator(registry, Options(tags_per_manifest=10))) as client:
        (listed,) = (await client.get(MANIFESTS)).json["manifests"]
        single = (await client.get(f"{MANIFESTS}/{digest}")).json["manifest"]
        assert (len(listed["tags"]), len(single["tags"])) == (10, 12)


async def test_only_the_single_get_tells_an_indexs_children() -> None:
    """In a list an index shows no references."""
    registry = new_registry()
    child = image(registry, "a")
    digest = index(registry, child, "sha256:missing", tags=["v1"])
    async with serving(Emulator(registry)) as client:
        listed = (await client.get(MANIFESTS)).json["manifests"]
        single = (await client.get(f"{MANIFESTS}/v1")).json["manifest"]
        assert all("references" not in entry for entry in listed)
        assert [it["digest"] for it in single["references"]] == [child, "sha256:missing"]
        assert single["digest"] == digest


async def test_lists_of_what_is_not_there() -> None:
    """A missing repository has no lists."""
    async with serving(Emulator(new_registry())) as client:
        for path in (TAGS, MANIFESTS):
            answer = await client.get(path)
            assert (answer.status, answer.code) == (404, "NAME_UNKNOWN")
        assert (await client.get("/acr/v1/_catalog")).json == {"repositories": None}
