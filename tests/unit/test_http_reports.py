"""Reports over HTTP: forms by wish, headers, keys that go along, and a registry that is away."""

import csv
import io
import json
from typing import Any

import jsonschema
import pytest

from purge_core.errors import AccessDenied, InputError, RegistryError, Unavailable, UseUnknown
from purge_core.http.exchange import Answer, Request
from purge_core.http.openapi import openapi_document
from purge_core.http.reports import image, overview, repository, run
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode
from purge_core.reviewing.reading import MOST_STEPS, NoSuchRecord
from tests.builders import NOW, days
from tests.builders import image as an_image
from tests.builders import repository as a_shop
from tests.fakes import FakeRegistry
from tests.nights import a_night, a_repository, a_step, note
from tests.service_world import REGISTRY, World

POLICY = load_policy(
    "{version: 1, rules: [{repositories: shop, tags: pr-.*, older_than: 7d, allow_empty: true}],"
    " untagged: {older_than: 7d}, limits: {max_delete_share: 1}}"
)
SHOP = a_shop(
    "shop",
    an_image("a", tags=["pr-1"]),
    an_image("b", tags=["pr-2"], age=days(5)),
    an_image("c", tags=["stable"]),
)
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def purged() -> tuple[World, str]:
    """Return a world after a purge, and the id of its run."""
    app = World(FakeRegistry(SHOP, now=NOW), POLICY, mode=Mode.PURGE)
    started = await app.start()
    await app.run_to_end()
    return app, started.id


def body(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    """Return what was answered, as it described itself."""
    assert answer.media_type == "application/json"
    return json.loads(answer.body)


def check(document: object, schema: str) -> None:
    """Require that a document is as the description of the interface says."""
    parts = openapi_document()["components"]["schemas"]
    reference = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": parts}}
    jsonschema.Draft202012Validator(reference).validate(document)


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("", {}, "text/html"),
        ("*/*", {}, "text/html"),
        (HTML, {}, "text/html"),
        ("application/json", {}, "application/json"),
        ("text/csv;q=0.9, application/json;q=0.5", {}, "text/csv"),
        ("text/html;q=0, */*;q=0.1, text/csv;q=0", {}, "application/json"),
        ("text/*", {}, "text/html"),
        ("application/*", {}, "application/json"),
        ("TEXT/CSV; header=present", {}, "text/csv"),
        ("nonsense;q=much", {}, "text/html"),
        ("application/json", {"format": "csv"}, "text/csv"),
        (HTML, {"format": "json"}, "application/json"),
    ],
)
async def test_the_form_that_is_wanted(accept: str, query: dict[str, str], media_type: str) -> None:
    """The query decides, then the header; a page is what there is without a wish."""
    app, _ = await purged()
    answer = await overview(app.service(), Request(query=query, accept=accept))
    assert answer.media_type == media_type
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_registries() -> None:
    """What the last run did is there, as described; a run by hand is no night's."""
    app, started = await purged()
    document = body(await overview(app.service(), Request(query={"format": "json"})))
    check(document, "Overview")
    (registry,) = document["registries"]
    assert (registry["registry"], registry["condition"]) == (REGISTRY, "done")
    assert registry["runs"][0]["id"] == started
    assert registry["sums"]["outcomes"]["deleted"] == {
        "steps": 1,
        "tags": 1,
        "manifests": 1,
        "bytes": 1_000,
    }
    assert (len(registry["nights"]), registry["nights"][-1]["deleted"]) == (90, 2)


async def test_a_run() -> None:
    """Its repositories, and those that are asked for."""
    app, started = await purged()
    asked = Request({"id": started}, {"format": "json", "find": "SHO", "show": "deleted"})
    document = body(await run(app.service(), asked))
    check(document, "RunReport")
    assert [each["repository"] for each in document["repositories"]] == ["shop"]
    assert document["kept"]["young"]["tags"] == 1
    nothing = Request({"id": started}, {"format": "json", "show": "troubled"})
    assert body(await run(app.service(), nothing))["matching"] == 0


async def test_a_repository() -> None:
    """Every step, what stays, tags over time, and its history."""
    app, started = await purged()
    asked = Request({"id": started, "repository": "shop"}, {"format": "json"})
    document = body(await repository(app.service(), asked))
    check(document, "RepositoryReport")
    assert [step["status"] for step in document["steps"]] == ["deleted"]
    assert {kept["kind"] for kept in document["kept"]} == {"tag", "manifest"}
    assert [(p["name"], p["status"]) for p in document["points"]] == [
        ("pr-2", None),
        ("pr-1", "deleted"),
        ("stable", None),
    ]
    assert [entry["kind"] for entry in document["history"]] == ["tag", "manifest"]


async def test_an_image_that_stays() -> None:
    """Why, and from when time alone would let it go."""
    app, _ = await purged()
    query = {"registry": REGISTRY, "repository": "shop", "tag": "pr-2", "format": "json"}
    document = body(await image(app.service(), Request(query=query)))
    check(document, "ImageReport")
    assert document["reading"] == "read"
    assert document["image"]["tag_verdict"]["deletable_from"].startswith("2026-11-23T12:00")
    assert document["history"] == []


async def test_an_image_that_went() -> None:
    """It is not in the registry, and its history says what became of it."""
    app, started = await purged()
    query = {"registry": REGISTRY, "repository": "shop", "tag": "pr-1", "format": "json"}
    document = body(await image(app.service(), Request(query=query)))
    check(document, "ImageReport")
    assert (document["reading"], document["image"], document["trouble"]) == (
        "not-found",
        None,
        None,
    )
    assert [entry["run"] for entry in document["history"]] == [started]
    assert document["last"]["verdict"]["status"] == "deleted"


@pytest.mark.parametrize("error", [Unavailable("503"), AccessDenied("AcrPull is missing")])
async def test_a_registry_that_is_away(error: RegistryError) -> None:
    """The journal is told of all the same: the latest verdict, with the reason of the trouble."""
    app, started = await purged()
    app.registry.fail("tags", error, times=None)
    query = {"registry": REGISTRY, "repository": "shop", "tag": "stable", "format": "json"}
    document = body(await image(app.service(), Request(query=query)))
    check(document, "ImageReport")
    assert (document["reading"], document["trouble"]) == ("unreachable", str(error))
    assert document["last"]["run"]["id"] == started
    assert document["last"]["verdict"]["verdict"] == "keep"


async def test_a_list_of_what_is_in_use_that_is_away() -> None:
    """Then nobody can say whether the image would go."""
    app, _ = await purged()
    app.policy = load_policy(
        "{version: 1, rules: [{repositories: shop, tags: pr-.*, older_than: 7d}],"
        " protect: [{in_use: used.txt, max_age: 1d}]}"
    )
    app.used = UseUnknown("the list is too old")
    query = {"registry": REGISTRY, "repository": "shop", "tag": "stable", "format": "json"}
    document = body(await image(app.service(), Request(query=query)))
    assert (document["reading"], document["trouble"]) == ("unreachable", "the list is too old")


async def test_an_image_by_its_digest() -> None:
    """The journal finds what went and what stays by digest, too."""
    app, _ = await purged()
    app.registry.fail("tags", Unavailable("503"), times=None)
    for name, verdict in (("a", "delete"), ("c", "keep")):
        digest = an_image(name).digest
        query = {"registry": REGISTRY, "repository": "shop", "digest": digest, "format": "json"}
        document = body(await image(app.service(), Request(query=query)))
        assert document["last"]["verdict"]["verdict"] == verdict


PAGES = (overview, run, repository, image)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("code", [None, "a/secret=="])
async def test_a_key_goes_along_only_where_it_came(page: Any, code: str | None) -> None:  # noqa: ANN401 - a handler
    """Links hold the key of the address; a key from a header is nowhere on the page."""
    app, started = await purged()
    query = {"format": "html", **({} if code is None else {"code": code})}
    if page is image:
        query |= {"registry": REGISTRY, "repository": "shop", "tag": "stable"}
    path = {"id": started, "repository": "shop"}
    answer = await page(app.service(), Request(path, query))
    assert answer.media_type == "text/html"
    assert answer.body.startswith("<!doctype html>")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert ("code=" in answer.body) == (code is not None)


HOSTILE = ("<script>alert(1)</script>", '"><img src=x>', "=cmd()", "a\nb", "\u202egnp.exe", "-1+1")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", ["html", "csv", "json"])
async def test_hostile_names(name: str, form: str) -> None:
    """No name becomes markup, a formula, or a part of a header."""
    app, _ = await purged()
    held = note(app.store, a_night(0), a_repository(name, deleted=1))
    steps = app.store.runs[held.id].steps
    steps[a_repository(name).repository] = [a_step(0)]
    found = await repository(
        app.service(), Request({"id": held.id, "repository": name}, {"format": form})
    )
    listed = await run(app.service(), Request({"id": held.id}, {"format": form}))
    for answer in (found, listed):
        assert not any(c in value for value in answer.headers.values() for c in "\r\n<>\u202e")
        if form == "html":
            assert "<script" not in answer.body
            assert "<img" not in answer.body
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(listed.body, newline=""))
        assert row["repository"].startswith(("'", "<", '"', "a", "\u202e"))
        assert found.headers["Content-Disposition"].isascii()


async def test_a_table_says_where_it_goes_on() -> None:
    """It has no other place for it than a header."""
    app, _ = await purged()
    held = note(app.store, a_night(0), a_repository("shop", deleted=MOST_STEPS + 1))
    name = a_repository("shop").repository
    app.store.runs[held.id].steps[name] = [a_step(n) for n in range(MOST_STEPS + 1)]
    path = {"id": held.id, "repository": "shop"}
    first = await repository(app.service(), Request(path, {"format": "csv"}))
    link = f"continuation=steps%2C{MOST_STEPS}&format=csv"
    assert first.headers["Link"] == f'<?{link}>; rel="next"'
    rest = {"format": "csv", "continuation": f"steps,{MOST_STEPS}"}
    second = await repository(app.service(), Request(path, rest))
    assert len(second.body.splitlines()) == 2


@pytest.mark.parametrize(
    ("page", "query", "path"),
    [
        (overview, {"days": "0"}, "days"),
        (overview, {"days": "401"}, "days"),
        (overview, {"registry": "other.azurecr.io"}, "registry"),
        (overview, {"format": "pdf"}, "format"),
        (overview, {"colour": "red"}, "colour"),
        (run, {"show": "some"}, "show"),
        (run, {"first": "-1"}, "first"),
        (run, {"find": "x" * 257}, "find"),
        (image, {"repository": "shop", "tag": "v1"}, "registry"),
        (image, {"registry": REGISTRY, "repository": "SHOP", "tag": "v1"}, "repository"),
        (image, {"registry": REGISTRY, "repository": "shop"}, "tag"),
    ],
)
async def test_a_wrong_query(page: Any, query: dict[str, str], path: str) -> None:  # noqa: ANN401 - a handler
    """It is told by the name of the parameter."""
    app, started = await purged()
    with pytest.raises(InputError) as caught:
        await page(app.service(), Request({"id": started}, query))
    assert path in [problem.path for problem in caught.value.problems]


async def test_what_is_not_in_the_journal() -> None:
    """An unknown run, and an unknown repository."""
    app, started = await purged()
    with pytest.raises(NoSuchRecord):
        await run(app.service(), Request({"id": "nobody"}))
    with pytest.raises(NoSuchRecord):
        await repository(app.service(), Request({"id": started, "repository": "none"}))
