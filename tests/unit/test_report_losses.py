"""What a look back found, in words and as a document."""

import json

import jsonschema
import pytest

from purge_core.model import Digest, RepositoryName, TagName
from purge_core.records.losses import Bond, Cause, Check, Loss
from purge_core.report.losses import check_lines, checks_document, checks_schema, loss_sentence
from tests.builders import NOW

SHOP = RepositoryName("shop/cart")
INDEX, CHILD = Digest("sha256:" + "a" * 64), Digest("sha256:" + "b" * 64)


def loss(cause: Cause = Cause.BEFORE, run: str | None = None) -> Loss:
    """Return a child that an index lacks."""
    return Loss(Bond.CHILD, INDEX, (TagName("v1"),), CHILD, cause, run)


def text(*checks: Check) -> str:
    """Tell of them; every line must fit."""
    lines = list(check_lines(checks))
    assert all(len(line) <= 80 and line.isprintable() for line in lines)
    return " ".join(" ".join(lines).split())


def test_nothing_lost() -> None:
    """How much was looked at, and at what cost."""
    told = text(Check(SHOP, 3, 1), Check(RepositoryName("web"), 2, 1))
    assert told == (
        "Verified: 2 repositories (5 manifests) looked at again, with 2 requests. "
        "Nothing that stays has lost a part."
    )


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (Cause.THIS_RUN, "deleted by this run"),
        (Cause.ANOTHER_RUN, "deleted by another run"),
        (Cause.BEFORE, "missing before it"),
        (Cause.OTHERS, "deleted meanwhile by somebody else"),
        (Cause.UNKNOWN, "of which nothing is on record"),
    ],
)
def test_who_lost_it(cause: Cause, words: str) -> None:
    """In the sum, and beside the loss."""
    told = text(Check(SHOP, 3, 3, losses=(loss(cause),)))
    assert f"Missing: 1 {words}." in told
    assert (
        f"shop/cart sha256:aaaaaaaaaaaa (v1) lists sha256:bbbbbbbbbbbb, which is not there: {words}"
        in told
    )


def test_a_run_is_named() -> None:
    """Where it is on record."""
    assert loss_sentence(loss(Cause.ANOTHER_RUN, "run-7")).endswith("deleted by run run-7")


def test_a_lost_referrer() -> None:
    """It is no part that is listed."""
    lost = Loss(Bond.REFERRER, INDEX, (), CHILD, Cause.OTHERS)
    assert "sha256:aaaaaaaaaaaa has lost sha256:bbbbbbbbbbbb, which referred to it" in (
        loss_sentence(lost)
    )


def test_what_could_not_be_looked_at() -> None:
    """Is never told as good."""
    told = text(Check(SHOP, error="no right\x1b to read"), Check(RepositoryName("web"), unread=2))
    assert "Nothing that stays" not in told
    assert "Some could not be." in told
    assert r"Not verified: shop/cart: no right\x1b to read" in told
    assert "web: 2 manifests could not be read, or not be looked for." in told


def test_many_losses() -> None:
    """The first are told, and how many more there are, also of those left out of a record."""
    told = text(Check(SHOP, losses=(loss(),) * 25, more=100))
    assert told.count("which is not there") == 20
    assert "Missing: 125 missing before it" not in told
    assert "and 105 more" in told


@pytest.mark.parametrize("run", ["run-7", None])
def test_the_document_is_as_its_schema_says(run: str | None) -> None:
    """Everything that can be in it."""
    checks = [Check(SHOP, 3, 5, (loss(Cause.THIS_RUN, "run-7"),), 1), Check(SHOP, error="why")]
    document = json.loads(checks_document("contoso", NOW, run, checks))
    jsonschema.validate(document, checks_schema())
    assert document.get("run") == run
    assert document["repositories"][0]["losses"][0]["cause"] == "this-run"
