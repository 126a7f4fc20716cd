"""The model reads the texts of ``--ago`` and ``--filter`` as the program was seen to."""

import pytest

from purge_core.instants import DAY, TICKS_PER_SECOND
from tests.builders import image
from tests.parity.acr_ago import LONGEST, AgoError, parse_ago
from tests.parity.acr_filters import FilterError, split_filter, tag_expression
from tests.parity.acr_purge_model import Flags, Purged
from tests.parity.words import run, tags_of

HOUR = 3600 * TICKS_PER_SECOND


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", 30 * DAY),
        ("12h", 12 * HOUR),
        ("1h30m", 3 * HOUR // 2),
        ("15m", HOUR // 4),
        ("1d1h3m", DAY + HOUR + HOUR // 20),
        ("2d3h6m", 2 * DAY + 3 * HOUR + HOUR // 10),
        ("1d 12h", DAY + 12 * HOUR),
        (" 7d", 7 * DAY),
        ("+5d", 5 * DAY),
        ("0d", 0),
        ("0m", 0),
        ("0", 0),
        ("", 0),
        ("d", 0),
        ("d5", 0),
        ("thirty days", 0),
        ("thirtydays", 0),
        ("0x10d", 0),
        ("-7d", -7 * DAY),
        ("-1h", -HOUR),
        ("-1d12h", -12 * HOUR),
        ("1.5d", DAY),
        ("1h30d", DAY),
        ("1_0d", DAY),
        ("30 days", 30 * DAY),
        ("1d-6h", 18 * HOUR),
        ("abc", LONGEST),
        ("P30D", LONGEST),
        ("30days", LONGEST),
        ("999999d", LONGEST),
        ("9999999d999999999h", LONGEST),
    ],
)
def test_ago_is_read_as_recorded(text: str, span: int) -> None:
    """Every recorded text gives the recorded span, the disasters too."""
    assert parse_ago(text) == span


@pytest.mark.parametrize("text", ["7", "10", "15", "1d12", "1w", "7D", "3mo", "10y", "15p"])
def test_ago_without_a_known_unit_is_an_error(text: str) -> None:
    """A missing or unknown unit ends the command."""
    with pytest.raises(AgoError, match="unit"):
        parse_ago(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("app:v1", ("app", "v1")),
        ("team/app:^v.*$", ("team/app", "^v.*$")),
        ("(?:a|b):v", ("(?:a|b)", "v")),
        ("app:(?i:rc)", ("app", "(?i:rc)")),
        ("[[:alpha:]]+:[^[:digit:]]", ("[[:alpha:]]+", "[^[:digit:]]")),
        ("app:v1(?!-a)", ("app", "v1(?!-a)")),
    ],
)
def test_filter_splits_at_the_one_free_colon(text: str, parts: tuple[str, str]) -> None:
    """Colons of groups and POSIX classes do not split."""
    assert split_filter(text) == parts


@pytest.mark.parametrize("text", ["app", ":v1", "app:", "a:b:c", "app:(?<!a:)b"])
def test_filter_without_exactly_two_parts_is_an_error(text: str) -> None:
    """None or several free colons, or an empty part, end the command."""
    with pytest.raises(FilterError):
        split_filter(text)


@pytest.mark.parametrize(
    ("filters", "name", "expression"),
    [
        (["foo|bar:.*"], "foo-prod", ".*"),
        (["foo|bar:.*"], "my-bar", ".*"),
        (["*:.*"], "anything", ".*"),
        (["arohcp*:.*"], "arohcpp", ".*"),
        (["arohcp*:.*"], "arohcp-frontend", None),
        (["ba:.*"], "bar", None),
        (["shop:dev", "shop:prod", "other:x"], "shop", "dev|prod"),
    ],
)
def test_repository_part_is_anchored_and_not_grouped(
    filters: list[str], name: str, expression: str | None
) -> None:
    """B6: alternatives escape the anchors, and ``*`` is every repository."""
    assert tag_expression(filters, name) == expression


@pytest.mark.parametrize("name", ["11.0", "1x0", "1.0-prod", "1.0"])
def test_tag_part_is_searched_anywhere(name: str) -> None:
    """B6: ``1.0`` selects whatever contains it, the dot standing for any character."""
    flags = Flags(filters=("shop:1.0",), ago="0d")
    assert tags_of(run(flags, image("a", tags=[name]))) == [name]


@pytest.mark.parametrize(
    ("expression", "left"), [("v1(?!-a)", ["v1-a"]), ("(?<=v)2", ["v1-a", "v1-b", "v1-c"])]
)
def test_lookaround_works(expression: str, left: list[str]) -> None:
    """The expression engine backtracks."""
    names = ["v1-a", "v1-b", "v1-c", "v2"]
    made = [image(name, tags=[name]) for name in names]
    purged = run(Flags(filters=(f"shop:{expression}",), ago="0d"), *made)
    assert sorted(set(names) - purged.tags - {"v2"}) == left


def test_bad_tag_expression_is_an_error() -> None:
    """An expression that does not compile deletes nothing."""
    purged = run(Flags(filters=("shop:(",), ago="0d"), image("a", tags=["v1"]))
    assert purged.error is not None
    assert not purged.tags


def test_inline_flags_leak_into_later_filters() -> None:
    """Joined filters are one expression: (?i) of the first holds in the second."""
    flags = Flags(filters=("shop:(?i)rc", "shop:dev"), ago="0d")
    assert tags_of(run(flags, image("a", tags=["DEV"]))) == ["DEV"]


def test_inline_flags_do_not_leak_into_earlier_filters() -> None:
    """The flag holds from where it stands."""
    flags = Flags(filters=("shop:dev", "shop:(?i)rc"), ago="0d")
    assert tags_of(run(flags, image("a", tags=["DEV", "RC"]))) == ["RC"]


def test_filter_that_names_another_repository_deletes_nothing() -> None:
    """A repository that no filter names is not touched, nor are its dangling manifests."""
    flags = Flags(filters=("other:.*",), ago="0d", untagged=True)
    assert run(flags, image("a", tags=["v1"]), image("b")) == Purged()


def test_ago_is_required_without_untagged_only() -> None:
    """Tags are never purged without an age."""
    assert run(Flags(filters=("shop:.*",)), image("a", tags=["v1"])).error is not None
