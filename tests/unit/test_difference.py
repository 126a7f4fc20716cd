"""Two policies compared: as values, in words, as JSON, and as Markdown that no name can bend."""

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import jsonschema
import pytest

from purge_core.comparing import Pair, compare
from purge_core.errors import AccessDenied
from purge_core.model import TagName
from purge_core.policies.policy import Limits, Policy, Untagged
from purge_core.policies.source import load_policy
from purge_core.records.differences import (
    Difference,
    ManifestDifference,
    Part,
    RepositoryDifference,
    TagDifference,
)
from purge_core.report.difference import difference_document, difference_lines, difference_schema
from purge_core.report.markdown import difference_markdown
from tests.builders import NOW, days, image, repository
from tests.fakes import FakeRegistry
from tests.unit.planned import order

OLD = load_policy(
    """
    version: 1
    rules: [{name: builds, repositories: ".*", tags: "pr-.*", older_than: 7d, allow_empty: true}]
    untagged: {older_than: 7d}
    limits: {max_delete_share: 1.0}
    """
)
(BUILDS,) = OLD.rules
LATER = replace(OLD, rules=(replace(BUILDS, older_than=days(30)),))
SOONER = replace(
    OLD, rules=(replace(BUILDS, older_than=days(2)),), untagged=Untagged(older_than=days(2))
)

SHOP = repository(
    "shop",
    image("a", tags=["pr-1"], age=days(3), size=2_048),
    image("b", tags=["pr-2"], age=days(20), size=4_096),
    image("c", tags=["v1"], age=days(90)),
)


def registry(*more: Any) -> FakeRegistry:  # noqa: ANN401 - snapshots
    """Give a registry of one repository and perhaps others."""
    return FakeRegistry(SHOP, *more)


async def compared(old: Policy, new: Policy, on: FakeRegistry | None = None) -> Difference:
    """Compare two policies."""
    return await compare(on or registry(), Pair(order(old), order(new)))


def text(found: Difference, most: int | None = 20) -> str:
    """Tell of it; every line must fit."""
    lines = list(difference_lines(found, most))
    assert all(len(line) <= 80 and line.isprintable() for line in lines)
    return "\n".join(lines)


def document(found: Difference) -> Any:  # noqa: ANN401 - JSON
    """Write it and read the JSON, which must fit the schema."""
    document = json.loads("".join(difference_document(found)))
    jsonschema.validate(document, difference_schema())
    return document


async def test_what_goes_more() -> None:
    """A tag and its manifest, each with why it goes now and why it stayed."""
    found = await compared(OLD, SOONER)
    (each,) = found.repositories
    assert [tag.name for tag in each.more.tags] == ["pr-1"]
    assert each.more.frees_at_most == 2_048
    assert each.less == Part()
    assert (each.old_deletions, each.new_deletions) == (2, 4)
    told = text(found)
    assert "shop +1 -0 +1 -0 +2.0 KiB -0 B" in " ".join(told.split())
    assert '  + pr-1: rule "builds" selects it: 3 days old, over 2d.' in told
    assert told.endswith("The new policy deletes 1 tag and 1 manifest more.")


async def test_what_goes_less() -> None:
    """The other way round the same is less."""
    found = await compared(OLD, LATER)
    (each,) = found.repositories
    assert [tag.name for tag in each.less.tags] == ["pr-2"]
    assert "too young: 20 days old" in " ".join(text(found).split())
    assert document(found)["repositories"][0]["less"]["tags"][0]["name"] == "pr-2"


async def test_the_same() -> None:
    """Nothing to tell is said in one line."""
    found = await compared(OLD, replace(OLD, rules=(replace(BUILDS, name="other"),)))
    assert not found.differs
    assert text(found).endswith("Both policies do the same.")
    assert document(found)["repositories"] == []


async def test_one_reading() -> None:
    """However the policies differ, nothing is listed twice and no body read twice."""
    on = registry()
    await compared(OLD, SOONER, on)
    asked = [(call.method, call.repository, call.target) for call in on.calls]
    listings = [each for each in asked if each[0] != "repositories"]
    assert len(listings) == len(set(listings))


async def test_a_policy_for_other_repositories() -> None:
    """What only one of them covers is compared, too."""
    elsewhere = load_policy(
        "{version: 1, rules: [{repositories: lab, tags: '.*', older_than: 60d, keep_newest: 1}]}"
    )
    images = (image(n, tags=[n], age=days(age)) for n, age in (("x", 70), ("y", 80), ("z", 90)))
    found = await compared(OLD, elsewhere, registry(repository("lab", *images)))
    lab, shop = found.repositories
    assert [tag.name for tag in lab.more.tags] == ["y", "z"]
    assert [tag.name for tag in shop.less.tags] == ["pr-2"]


async def test_what_is_refused_or_held_is_said() -> None:
    """Verdicts are compared; that nothing goes all the same is told."""
    strict = replace(SOONER, limits=Limits(max_deletions=3, max_delete_share=1.0))
    found = await compared(OLD, strict)
    assert "The new policy refuses the whole run" in text(found)
    assert document(found)["new_held"] == {"code": "too-many-deletions", "deletions": 4, "limit": 3}
    only = FakeRegistry(repository("shop", image("b", tags=["pr-2"], age=days(20))))
    careful = replace(OLD, rules=(replace(BUILDS, allow_empty=False),))
    refused = await compared(OLD, careful, only)
    assert refused.differs
    assert "The new policy refuses shop, so it deletes nothing there" in text(refused)
    assert "Both policies select the same, and not both may carry it out." in text(refused)


async def test_what_cannot_be_read_is_said() -> None:
    """It is no sameness."""
    on = registry(repository("secret", image("x", tags=["pr-9"])))
    on.fail("tags", AccessDenied("no"), repository="secret", times=None)
    found = await compared(OLD, OLD, on)
    assert (found.differs, found.complete) == (False, False)
    assert "Not compared: secret: no" in text(found)
    assert text(found).endswith("Both policies do the same, as far as could be read.")
    assert document(found)["complete"] is False


def many(name: str, number: int) -> Difference:
    """Make a difference of so many tags of one hostile name."""
    reasons = {"goes": (), "stays": ()}
    tags = tuple(TagDifference(TagName(f"{name}{n}"), None, **reasons) for n in range(number))
    manifest = ManifestDifference(SHOP.manifests[0].digest, (), name, 1, **reasons)  # type: ignore[index]
    each = RepositoryDifference(repository(name).name, Part(tags, (manifest,)), error=name)
    return Difference(name, NOW, Policy(), Policy(), (each,))


@pytest.mark.parametrize(
    "name",
    [
        "a|b\n\n# c",
        "</code></details><script>alert(1)</script>",
        "[x](https://evil.example)",
        "`x` **y** _z_ ~~w~~ <!--",
        "@team #12 GH-1 :smile: www.evil.example a@evil.example",
        "![i](x) &lt;b&gt; \\ $x^2$",
        "\u202eevil\x1b[31m",
    ],
)
def test_hostile_names_mean_nothing_in_markdown(name: str) -> None:
    """Only our own marks are marks; what is shown is the name, made printable."""
    lines = list(difference_markdown(many(name, 3)))
    whole = "\n".join(lines)
    plain = list(difference_markdown(many("name", 3)))
    assert len(lines) == len(plain)
    assert "www." not in whole
    skeleton = re.compile(r"&#\d+;|[^\W_]|[ \-/,.;()'\"%+]")
    assert skeleton.sub("", whole) == skeleton.sub("", "\n".join(plain))
    assert "\x1b" not in unescape(whole)
    shown = name.encode("unicode_escape").decode() if not name.isprintable() else name
    assert shown.split("\\")[0] in unescape(whole)


def test_no_mention_survives_in_a_sentence() -> None:
    """Mentions and references are looked for in finished text: a joiner breaks them."""
    finished = unescape("\n".join(difference_markdown(many("@team #12", 0))))
    sentence = next(line for line in finished.splitlines() if line.startswith("**"))
    assert "@team" not in sentence
    assert "#12" not in sentence


def test_long_lists_are_cut() -> None:
    """A comment is short; all is there on demand."""
    found = many("v", 30)
    assert "- and 11 more" in list(difference_markdown(found))
    assert "  + and 11 more (--verbose shows all)" in list(difference_lines(found))
    assert sum(line.startswith("- ") for line in difference_markdown(found, None)) == 31


async def test_markdown() -> None:
    """A heading, a table, and the items behind a fold."""
    lines = list(difference_markdown(await compared(OLD, SOONER)))
    assert lines[0] == "### The new policy deletes 1 tag and 1 manifest more."
    assert lines[4:7] == [
        "| Repository | Tags | Manifests | Frees at most |",
        "| --- | ---: | ---: | ---: |",
        "| <code>shop</code> | +1 -0 | +1 -0 | +2.0 KiB -0 B |",
    ]
    assert "<details><summary><code>shop</code>: goes now (2)</summary>" in lines
    assert any(line.startswith('- <code>pr-1</code>: rule "builds"') for line in lines)


async def test_each_is_judged_by_what_it_would_read() -> None:
    """A line that lists no manifests keeps what may be a signature, though the other listed."""
    name = f"sha256-{'0' * 64}.sig"
    on = FakeRegistry(repository("shop", image("x", tags=[name, "v1"], age=days(9))))
    line = load_policy("acr purge --filter 'shop:sha256-.*' --ago 1d")
    found = await compared(OLD, line, on)
    assert found.repositories[0].more == Part()
    assert (await compared(line, line, on)).repositories[0].old_deletions == 0
