"""What `policy import` writes by default decides as the line does, or says what is different."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given

from purge_core.errors import PolicyError
from purge_core.judgement.decision import Decisions
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.references import signed_image
from purge_core.model import Body, RepositorySnapshot
from purge_core.policies.importing.imported import import_policy
from purge_core.policies.importing.written import written
from purge_core.policies.source import load_policy
from tests.builders import NOW
from tests.parity.acr_purge_model import Flags
from tests.property.judged import judged
from tests.property.policies import flag_sets
from tests.property.strategies import ANSWERING, repositories
from tests.property.test_import_laws import line_of, tag_lines

SIGNATURES = "# A signature tag goes with its image here"
LOCKS = "# A tag of a locked manifest stays here"
UNLISTED = "# A tag whose manifest the registry does not list stays here"
LATER = "# What an index lists that belongs to an image goes with it here"
ORPHANS = "# Orphaned ORAS artifacts stay here"


def _reasons_to_differ(snapshot: RepositorySnapshot) -> Iterator[str]:
    """Yield the remarks that concern a repository."""
    listed = {m.digest: m for m in snapshot.manifests or ()}
    if any(signed_image(tag.name) for tag in snapshot.tags):
        yield SIGNATURES
    if any(m.lock is None or m.lock.closed for m in listed.values()):
        yield LOCKS
    if any(tag.digest not in listed for tag in snapshot.tags):
        yield UNLISTED
    bodies = [body for body in snapshot.bodies.values() if isinstance(body, Body)]
    if any(body.subject is not None and body.children for body in bodies):
        yield LATER
    if any(body.subject is not None and body.subject not in listed for body in bodies):
        yield ORPHANS


def _taken(decisions: Decisions) -> tuple[set[str], set[str]]:
    return {*decisions.deleted_tags}, {*decisions.deleted_manifests}


@given(repositories(ANSWERING), flag_sets())
def test_what_is_written_decides_as_the_line(snapshot: RepositorySnapshot, flags: Flags) -> None:
    """Exactly so with --keep; else but for what the comments at its top name."""
    line = line_of(flags)
    text = written(import_policy(line)).text
    ours, theirs = judged(snapshot, load_policy(text)), evaluate(snapshot, load_policy(line), NOW)
    if flags.keep:
        assert text.startswith("acr purge ")
        assert ours == theirs
    elif _taken(ours) != _taken(theirs):
        assert any(reason in text for reason in _reasons_to_differ(snapshot))


def _written(lines: str) -> str | None:
    """Import lines and write them; ``None``: no one policy takes exactly what they do."""
    try:
        return written(import_policy(lines)).text
    except PolicyError as error:
        paths = {problem.path for problem in error.problems}
    assert paths <= {"--untagged", "--keep"}
    return None


@given(repositories(ANSWERING), tag_lines, tag_lines)
def test_several_lines_become_what_they_take_together(
    snapshot: RepositorySnapshot, one: Flags, other: Flags
) -> None:
    """Without --keep the tags of all, but for what the comments name; with it, no document."""
    other = replace(other, include_locked=one.include_locked)
    lines = [line_of(flags) for flags in (one, other)]
    text = _written("\n".join(lines))
    if text is None:
        return
    ours = {*judged(snapshot, load_policy(text)).deleted_tags}
    theirs = set[str]()
    for line in lines:
        theirs |= {*evaluate(snapshot, load_policy(line), NOW).deleted_tags}
    if text.startswith("acr purge "):
        assert ours == theirs
    elif ours != theirs:
        assert any(reason in text for reason in _reasons_to_differ(snapshot))
