"""The words of reports: sizes, ages, tables, and a sentence for everything there is."""

from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest

from purge_core.instants import DAY, Instant, Span
from purge_core.judgement.guards import Refusal, ShareExceeded, TooManyDeletions, WouldBeEmpty
from purge_core.judgement.reasons import (
    DeleteReason,
    KeepReason,
    Locked,
    Newest,
    Reason,
    Selected,
    Tagged,
    Young,
)
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.records.outcomes import Outcome
from purge_core.report.outcomes import OUTCOMES, refusal_advice, refusal_sentence
from purge_core.report.reasons import LABELS, delete_sentence, keep_sentence
from purge_core.report.text import (
    count,
    listed,
    old,
    old_range,
    paragraph,
    printable,
    short_digest,
    shortened,
    size,
    table,
)
from tests.builders import NOW, ago, days, minutes

EVIDENCE: dict[Any, Any] = {
    str: "\x1b[31mred",
    int: 3,
    bool: False,
    Instant: ago(days(12)),
    Span: days(7),
    Digest: Digest(f"sha256:{'a' * 64}"),
    TagName: TagName("v1\x07"),
    RepositoryName: RepositoryName("shop"),
    float: 0.5,
}


def example(kind: Any) -> Any:  # noqa: ANN401 - one of many classes
    """Make a reason or refusal of a class, with hostile names as evidence."""
    hints = get_type_hints(kind)
    values = {}
    for field in fields(kind):
        parts = get_args(hints[field.name])
        values[field.name] = (EVIDENCE[parts[0]],) if parts else EVIDENCE[hints[field.name]]
    return kind(**values)


@pytest.mark.parametrize("kind", get_args(Reason), ids=lambda kind: kind.code)
def test_every_reason_has_its_words(kind: Any) -> None:  # noqa: ANN401 - one of many classes
    """A label for counting, and a sentence in which nothing from outside is raw."""
    reason = example(kind)
    told = keep_sentence if kind in get_args(KeepReason) else delete_sentence
    sentence = told(reason, NOW)
    assert sentence.isprintable()
    assert LABELS[kind.code].isprintable()


def test_every_sentence_is_its_own() -> None:
    """No two reasons are told in the same words."""
    told = [keep_sentence(example(kind), NOW) for kind in get_args(KeepReason)]
    told += [delete_sentence(example(kind), NOW) for kind in get_args(DeleteReason)]
    assert len(set(told)) == len(told)


def test_no_label_without_a_reason() -> None:
    """A label of a reason that is no more would be dead."""
    assert set(LABELS) == {kind.code for kind in get_args(Reason)}
    assert set(OUTCOMES) == set(Outcome)


@pytest.mark.parametrize("kind", [*get_args(Refusal), TooManyDeletions])
def test_every_refusal_says_what_to_do(kind: Any) -> None:  # noqa: ANN401 - one of several classes
    """A sentence, and the key of the policy to change."""
    refusal = example(kind)
    assert refusal_sentence(refusal).isprintable()
    assert refusal_advice(refusal).startswith("if this is meant, ")


def test_evidence_is_told() -> None:
    """Numbers, names and times of the reason stand in its sentence."""
    young = Young("prs", ago(days(2)), Span(3 * DAY))
    assert keep_sentence(young, NOW) == (
        'too young: 2 days old, and rule "prs" takes what is older than 3d'
    )
    newest = keep_sentence(Newest("prs", 2, 3), NOW)
    assert newest == 'among the newest 3 of rule "prs": only 2 are newer'
    assert keep_sentence(Newest("prs", 1, 3), NOW).endswith(": one is newer")
    assert keep_sentence(Newest("untagged", 0, 3), NOW) == (
        "among the newest 3 untagged ones: none is newer"
    )
    assert keep_sentence(Locked(delete_enabled=False, write_enabled=True), NOW) == (
        "locked in the registry: deleteEnabled is false"
    )
    assert keep_sentence(Tagged((TagName("a"), TagName("b"))), NOW) == "has tags that stay: a, b"
    selected = Selected("prs", ago(days(9)), Span(3 * DAY), 4, 2)
    assert delete_sentence(selected, NOW) == (
        'rule "prs" selects it: 9 days old, over 3d, 4 newer ones (it keeps 2)'
    )


def test_refusals_in_numbers() -> None:
    """What would go, of how many, and what is permitted."""
    share = ShareExceeded(RepositoryName("shop"), "tags", 1_950, 2_000, 0.9)
    assert refusal_sentence(share) == (
        "1,950 of 2,000 tags would go, more than the permitted share of 0.9"
    )
    assert '"old"' in refusal_sentence(WouldBeEmpty(RepositoryName("shop"), ("old",)))
    held = refusal_sentence(TooManyDeletions(5_001, 5_000))
    assert held == "5,001 deletions in one run, and 5,000 are permitted"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1_023, "1,023 B"),
        (1_024, "1.0 KiB"),
        (1_536, "1.5 KiB"),
        (1_048_576, "1.0 MiB"),
        (5 * 1024**3, "5.0 GiB"),
        (3 * 1024**4, "3.0 TiB"),
        (2_000 * 1024**4, "2,000.0 TiB"),
    ],
)
def test_sizes(number: int, text: str) -> None:
    """Bytes in binary units."""
    assert size(number) == text


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (days(2), "2 days old"),
        (days(1), "1 day old"),
        (days(0.5), "12 hours old"),
        (minutes(59), "59 minutes old"),
        (minutes(0.5), "under a minute old"),
        (-days(3), "dated 3 days ahead"),
    ],
)
def test_ages(since: int, text: str) -> None:
    """In the largest unit that fits."""
    assert old(ago(since), NOW) == text


def test_ranges_of_ages() -> None:
    """From the youngest to the oldest; one age where both are the same."""
    assert old_range(ago(days(90)), ago(days(8)), NOW) == "8 to 90 days old"
    assert old_range(ago(days(90)), ago(minutes(5)), NOW) == "5 minutes to 90 days old"
    assert old_range(ago(days(8.5)), ago(days(8)), NOW) == "8 days old"


def test_counts() -> None:
    """One, several, and the plural of repository."""
    assert [count(n, "tag") for n in (0, 1, 1_234)] == ["0 tags", "1 tag", "1,234 tags"]
    assert count(2, "repository") == "2 repositories"
    assert count(2, "day") == "2 days"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert listed(["a"]) == "a"


def test_names_from_outside() -> None:
    """Never raw, never long."""
    assert printable("a\x1b[0mb\u202ec\n") == "a\\x1b[0mb\\u202ec\\n"
    assert shortened("x" * 99, 20) == "xxxxxxxx...xxxxxxxxx"
    assert len(shortened("x" * 99, 20)) == 20
    assert shortened("x" * 20, 20) == "x" * 20
    assert short_digest(Digest(f"sha256:{'ab' * 32}")) == "sha256:abababababab"


@pytest.mark.parametrize("longest", [1, 40, 200])
def test_tables_fit(longest: int) -> None:
    """The first column gives way; numbers stand to the right."""
    rows = [("n" * longest, "1 of 2", "30"), ("b", "100 of 200", "4")]
    lines = list(table(rows, ("NAME", "TAGS", "N")))
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= 80
    assert lines[0].endswith("      TAGS   N")
    assert lines[2].startswith("b ")
    assert lines[2].endswith("  100 of 200   4")


def test_paragraphs_fit() -> None:
    """Broken between words, with the rest indented."""
    lines = paragraph("word " * 40, "  ", "    ")
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("  word")
    assert lines[1].startswith("    word")
