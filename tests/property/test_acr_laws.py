"""Laws of the `acr purge` dialect: hostile input is refused cleanly, filters do not interact."""

import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from purge_core.durations import parse_duration
from purge_core.errors import PolicyError
from purge_core.model import RepositoryName, TagName
from purge_core.policies.acr_command import parse_acr_command, parse_acr_policy
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.acr_filter import compile_filter, parse_filter
from tests.property.pattern_texts import names, nearly, sound

filters = st.builds("{}:{}".format, nearly, nearly) | nearly | st.text(max_size=20)
sound_filters = st.builds("{}:{}".format, sound, sound)
ages = st.sampled_from(["0d", "7", "-7d", "d", "", "30d", "1h30d", "30 days"]) | st.text(max_size=6)
WORDS = """
--filter -f --ago --keep --untagged --untagged-only --untagged=false a:b 0d 7d 3 -1 --keep=2
-rx -- - --password -u *:.*
"""
words = st.sampled_from(WORDS.split())


@given(filters)
@example("[a:b]:[[:digit:]:x")
def test_a_filter_splits_without_loss(text: str) -> None:
    """The halves and the colon are the filter; everything else is an error with a reason."""
    try:
        repository, tag = parse_filter(text)
    except ValueError:
        return
    assert repository
    assert tag
    assert f"{repository}:{tag}" == text


@given(filters, names, names)
def test_no_filter_breaks_the_engine(text: str, repository: str, tag: str) -> None:
    """A filter that is accepted can be matched against any name."""
    try:
        selector = compile_filter(text, 5.0)
    except ValueError:
        return
    assert selector.repositories.matches(repository) in {True, False}
    assert selector.tags.matches(tag) in {True, False}


@given(st.lists(sound_filters, min_size=1, max_size=4), names, names)
@example(["(?i)A:.", "b:."], "B", "x")
def test_filters_do_not_interact(texts: list[str], repository: str, tag: str) -> None:
    """Several filters match what each of them matches alone, and nothing else."""
    (rule,) = acr_policy(AcrPurgeFlags(filters=tuple(texts), ago="0d")).rules
    each = [compile_filter(text, 5.0) for text in texts]
    alone = any(s.repositories.matches(repository) and s.tags.matches(tag) for s in each)
    assert rule.matches(RepositoryName(repository), TagName(tag)) == alone


@given(filters, ages)
def test_an_age_is_read_as_written_or_not_at_all(text: str, ago: str) -> None:
    """No malformed age becomes a policy, so none becomes zero."""
    try:
        policy = acr_policy(AcrPurgeFlags(filters=(text,), ago=ago))
    except PolicyError:
        return
    assert policy.rules[0].older_than == parse_duration(ago)


@given(st.lists(words | st.text(max_size=8), max_size=8))
def test_a_line_is_read_whole_or_refused(line: list[str]) -> None:
    """Every word of an accepted line is accounted for; anything else is a policy error."""
    try:
        command, policy = parse_acr_policy(f"acr purge {shlex.join(line)}")
    except PolicyError:
        return
    assert policy.untagged or policy.rules
    assert all(filter_text in "\0".join(line) for filter_text in command.flags.filters)
    switches = [word for word in line if word.startswith("--untagged")]
    if command.flags.untagged or command.flags.untagged_only:
        assert switches


@given(st.text(max_size=60))
def test_raw_text_after_the_command(text: str) -> None:
    """A line of arbitrary characters never breaks anything but by a policy error."""
    with pytest.raises(PolicyError):
        parse_acr_command(f"acr purge {text} --unknown-flag")
