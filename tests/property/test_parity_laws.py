"""Parity with ``acr purge`` v0.18.1: the same, minus its accidents.

What we delete is a subset of what it deletes, and for everything that it deletes and we keep
there is a reason that stands in ``SAFETY`` and that is true.
"""

from hypothesis import given, note

from purge_core.judgement.decision import Keep
from purge_core.model import Digest, RepositorySnapshot
from tests.builders import NOW
from tests.parity.acr_purge_model import Flags, acr_purge
from tests.property.judged import judged
from tests.property.parity_safety import SAFETY, TAG_SAFETY, Case
from tests.property.policies import flag_sets, policy_of
from tests.property.strategies import ANSWERING, repositories
from tests.truth import with_referrers


@given(repositories(ANSWERING), flag_sets())
def test_we_delete_nothing_that_acr_purge_keeps(snapshot: RepositorySnapshot, flags: Flags) -> None:
    """What goes, including what the registry deletes along, goes with ``acr purge`` too."""
    case = _case(snapshot, flags)
    gone = with_referrers(snapshot, case.ours.deleted_manifests)
    assert gone <= case.theirs.manifests
    along = {tag.name for tag in snapshot.tags if tag.digest in gone}
    assert along.union(case.ours.deleted_tags) <= case.theirs.tags


@given(repositories(ANSWERING), flag_sets())
def test_every_tag_kept_beyond_acr_purge_is_kept_for_safety(
    snapshot: RepositorySnapshot, flags: Flags
) -> None:
    """Each tag that it deletes and we keep has a reason out of the list, and a true one."""
    case = _case(snapshot, flags)
    for tag in snapshot.tags:
        verdict = case.ours.tags[tag.name]
        if tag.name in case.theirs.tags and isinstance(verdict, Keep):
            codes = [reason.code for reason in verdict.reasons]
            safe = [code for code in codes if code in TAG_SAFETY and TAG_SAFETY[code][1](case, tag)]
            assert safe or _went_along(case, tag.digest), (tag.name, codes)


@given(repositories(ANSWERING), flag_sets())
def test_every_manifest_kept_beyond_acr_purge_is_kept_for_safety(
    snapshot: RepositorySnapshot, flags: Flags
) -> None:
    """Each manifest that it deletes and we keep has a reason out of the list, a true one."""
    case = _case(snapshot, flags)
    for manifest in snapshot.manifests or ():
        verdict = case.ours.manifests[manifest.digest]
        if manifest.digest in case.theirs.manifests and isinstance(verdict, Keep):
            codes = [reason.code for reason in verdict.reasons]
            safe = [code for code in codes if code in SAFETY and SAFETY[code][1](case, manifest)]
            assert safe or _went_along(case, manifest.digest), (manifest.digest, codes)


def _case(snapshot: RepositorySnapshot, flags: Flags) -> Case:
    """Let both sides judge; the model must get to its end."""
    theirs = acr_purge(snapshot, flags, NOW)
    note(f"{flags}\nacr purge deletes {sorted(theirs.tags)} {sorted(theirs.manifests)}")
    assert theirs.error is None
    return Case(snapshot, flags, judged(snapshot, policy_of(flags)), theirs)


def _went_along(case: Case, digest: Digest | None) -> bool:
    """Whether it only went along with a subject that we keep, as the registry deletes both."""
    seen: set[Digest] = set()
    while digest in case.snapshot.bodies and digest not in seen and digest is not None:
        seen.add(digest)
        digest = case.body(digest).subject
        if digest in case.theirs.asked and case.stays(digest):
            return True
    return False
