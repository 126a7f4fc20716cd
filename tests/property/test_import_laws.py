"""Laws of `policy import`: wrapping changes nothing, nothing is widened, nothing breaks it."""

import json
import shlex
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.errors import PolicyError
from purge_core.judgement.decision import Delete, Keep
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import ListedByReferrer
from purge_core.judgement.references import signed_image
from purge_core.model import Digest, RepositorySnapshot
from purge_core.policies.document import policy_from
from purge_core.policies.importing.imported import Imported, import_policy
from purge_core.policies.policy import Policy
from purge_core.policies.source import load_policy
from purge_core.policies.writer import policy_document
from tests.builders import NOW
from tests.parity.acr_purge_model import Flags
from tests.property.judged import judged
from tests.property.policies import flag_sets
from tests.property.strategies import ANSWERING, repositories
from tests.truth import after, with_referrers

PIECES = """
acr purge --filter 'a:.*' "$x" ${y} $(z) {{.Run.Registry}} ${{ env.A }} --ago 7d for do done in if
fi ; && | ( ) ' " ` \\ # << EOF = PURGE_CMD= az run task create --cmd --schedule steps: - cmd: {
} [ ] : version: resource "a" task_content = <<EOF ''' param var x encodedTaskContent: --set -f
locals variable local.x count for_each enabled false dynamic timer_trigger ${local.x} existing ? !
yamlencode( join( [for script: when: env: GITHUB_ENV jobs: status: step: <<: *a &a %{if eval test
"""


def _for_tags(flags: Flags) -> Flags:
    """Make a line that selects tags, whatever it does besides."""
    filters, ago = flags.filters or (".*:.*",), flags.ago or "0d"
    return replace(flags, untagged_only=False, filters=filters, ago=ago)


tag_lines = flag_sets().map(_for_tags)


def line_of(flags: Flags) -> str:
    """Write flags as a command line."""
    words = [word for text in flags.filters for word in ("--filter", text)]
    words += ["--ago", flags.ago] if flags.ago else []
    words += ["--keep", str(flags.keep)] if flags.keep else []
    words += ["--untagged"] if flags.untagged else []
    words += ["--untagged-only"] if flags.untagged_only else []
    words += ["--include-locked"] if flags.include_locked else []
    return shlex.join(["acr", "purge", *words])


def task(line: str) -> str:
    """Write the file of an ACR Task, with the image by its full name."""
    image = line.replace("acr ", "mcr.microsoft.com/acr/acr-cli:0.17 ", 1)
    return f"version: v1.1.0\nsteps:\n  - cmd: {image}\n    timeout: 3600\n"


def terraform(line: str) -> str:
    """Write a task in Terraform."""
    inner = "".join(f"      {text}\n" for text in task(line).splitlines())
    return f"encoded_step {{\n    task_content = base64encode(<<-EOT\n{inner}    EOT\n    )\n}}\n"


def bicep(line: str) -> str:
    """Write a task in Bicep, in one line of quoted text."""
    text = task(line).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"var steps = '{text}'\nresource t 'registries/tasks@2019-04-01' = {{}}\n"


def script(line: str) -> str:
    """Write the script of the vendor's documentation."""
    return f'PURGE_CMD="{line}"\naz acr run \\\n  --cmd "$PURGE_CMD" /dev/null\n'


def azure(line: str) -> str:
    """Write what `az acr task show` prints."""
    encoded = b64encode(task(line).encode()).decode()
    return json.dumps({"name": "t", "step": {"encodedTaskContent": encoded}})


def workflow(line: str) -> str:
    """Write a workflow."""
    run = f"az acr run --cmd {shlex.quote(line)} /dev/null"
    return f"jobs:\n  purge:\n    steps:\n      - run: |\n          {run}\n"


def tried(text: str) -> Imported | set[str]:
    """Import a text, or name the places of its problems."""
    try:
        return import_policy(text)
    except PolicyError as error:
        return {problem.path for problem in error.problems}


@pytest.mark.parametrize("wrap", [str, task, terraform, bicep, script, azure, workflow])
@given(flags=flag_sets())
def test_an_imported_line_is_the_line(wrap: Callable[[str], str], flags: Flags) -> None:
    """Wherever it stands, a line is read as the policy that it is by itself."""
    line = line_of(flags)
    imported = import_policy(wrap(line))
    assert imported.policy == load_policy(line)
    assert [load_policy(text) for text in imported.lines] == [imported.policy]


@given(repositories(ANSWERING), flag_sets().map(lambda flags: replace(flags, keep=0)))
def test_a_document_takes_no_more_than_its_line(snapshot: RepositorySnapshot, flags: Flags) -> None:
    """Without --keep, a document takes what the line takes once signature tags have gone.

    Only it takes the signature tags of images that go; for the line they hold what they name,
    and what that refers to. A line spares for one more run what a referrer lists that goes, as
    ``acr purge`` does.
    """
    policy = import_policy(line_of(flags)).policy
    document = policy_from(policy_document(policy)[0])
    theirs, ours = evaluate(snapshot, policy, NOW), judged(snapshot, document)
    signatures = {tag for tag in snapshot.tags if tag.name.startswith("sha256-")}
    names = {tag.name for tag in signatures}
    assert {*ours.deleted_tags} - names <= {*theirs.deleted_tags}
    gone = _gone_in_two_runs(after(snapshot, names & {*ours.deleted_tags}, ()), policy)
    signed = {tag.digest for tag in signatures if tag.digest is not None}
    assert {*ours.deleted_manifests} - with_referrers(snapshot, signed) <= gone


def _gone_in_two_runs(snapshot: RepositorySnapshot, policy: Policy) -> frozenset[Digest]:
    """What a line takes, and what it takes then of that which only waited for it."""
    decisions = evaluate(snapshot, policy, NOW)
    gone = with_referrers(snapshot, decisions.deleted_manifests)
    if not any(_waits(verdict) for verdict in decisions.manifests.values()):
        return gone
    left = after(snapshot, decisions.deleted_tags, gone)
    return gone | with_referrers(left, evaluate(left, policy, NOW).deleted_manifests)


def _waits(verdict: Keep | Delete) -> bool:
    return any(isinstance(reason, ListedByReferrer) for reason in verdict.reasons)


@given(repositories(ANSWERING), tag_lines, tag_lines)
def test_joined_lines_take_no_more_than_each(
    snapshot: RepositorySnapshot, one: Flags, other: Flags
) -> None:
    """Two lines as one policy take the tags that either takes: all of them without --keep.

    A signature's tag may go a night earlier: one line takes it once the other has taken the image.
    """
    other = replace(other, include_locked=one.include_locked)
    lines = [line_of(flags) for flags in (one, other)]
    joined = tried("\n".join(lines))
    if not isinstance(joined, Imported):
        assert joined == {"--untagged"}
        return
    each = [evaluate(snapshot, load_policy(line), NOW) for line in lines]
    both = {name for decisions in each for name in decisions.deleted_tags}
    together = judged(snapshot, joined.policy)
    signatures = {
        name
        for name in together.deleted_tags
        if signed_image(name) in {*together.deleted_manifests}
    }
    ours = {*together.deleted_tags} - (signatures - both)
    assert ours <= both
    if one.keep == other.keep == 0:
        assert ours == both


@given(
    st.lists(st.sampled_from([*PIECES.split(), "\n", "\n  "]) | st.text(max_size=4), max_size=25)
)
def test_no_text_breaks_the_import(pieces: list[str]) -> None:
    """Whatever is given: a policy that selects something, or problems with their places."""
    result = tried(" ".join(pieces))
    if isinstance(result, Imported):
        assert result.policy.rules or result.policy.untagged
        assert result.lines
    else:
        assert result
        assert all(result)
