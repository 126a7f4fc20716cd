"""What is noted with a run is shown with it, to people and to programs."""

from dataclasses import replace

import jsonschema
import pytest

from purge_core.http.documents import listed_run
from purge_core.http.schemas import schemas
from purge_core.records.store_records import RunState
from purge_core.records.sums import sums_of
from purge_core.records.told import Told
from purge_core.report.record_lines import run_lines
from tests.notices import ENDED, GIB, record, run

TAKEN = Told(ENDED)
REFUSED = Told(ENDED, "the webhook answered 410\x1b[31m")


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (TAKEN, "  told 2026-11-21 01:07 UTC"),
        (REFUSED, "  nobody was told: the webhook answered 410\\x1b[31m"),
    ],
)
def test_people_read_it(told: Told, line: str) -> None:
    """A line of the run; none where nobody wanted to know."""
    assert line in list(run_lines(run(told=told), []))
    assert not any("told" in text for text in run_lines(run(), []))


@pytest.mark.parametrize(
    ("state", "line"),
    [(RunState.HELD, "exactly 3.0 GiB would be freed"), (RunState.DONE, "exactly 3.0 GiB freed")],
)
def test_exact_bytes(state: RunState, line: str) -> None:
    """Only where they are known."""
    sums = replace(sums_of([record()]), exact_bytes=3 * GIB)
    assert list(run_lines(run(state, sums=sums), [record()]))[-1] == line
    assert not any("exactly" in text for text in run_lines(run(state), [record()]))


@pytest.mark.parametrize("told", [None, TAKEN, REFUSED])
def test_programs_read_it(told: Told | None) -> None:
    """A member of the run, as its schema says."""
    document = listed_run(run(told=told))
    described = {"$ref": "#/components/schemas/Run", "components": {"schemas": schemas()}}
    jsonschema.validate(document, described)
    assert ("told" in document) is (told is not None)
