"""Laws of examples in a policy: what is foreseen is what the judgement finds."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from purge_core.errors import PolicyError
from purge_core.instants import Span
from purge_core.judgement.decision import Delete
from purge_core.judgement.evaluate import evaluate
from purge_core.model import RepositoryName, TagName
from purge_core.policies.document import policy_from
from purge_core.policies.examples import foresee
from purge_core.policies.policy import Example, Fate, Policy
from purge_core.policies.writer import policy_document
from tests.builders import NOW, days, image, repository, tag
from tests.property.policies import documents
from tests.property.strategies import THRESHOLDS

SIGNATURE = f"sha256-{'0' * 64}.sig"
TAGS = ("v1", "v2", "v10", "dev-1", "dev-x", "latest", "pr-1", "1.0", SIGNATURE)
OTHERS = tuple(f"{head}{n}" for n in range(4) for head in ("v", "w", "dev-", "x"))
AGES = (*THRESHOLDS, *(Span(age + 1) for age in THRESHOLDS), *(days(n) for n in (0, 2, 50)))

examples = st.builds(
    Example,
    st.sampled_from(("shop", "team/app", "shop-old")).map(RepositoryName),
    st.sampled_from(TAGS).map(TagName),
    st.sampled_from(AGES),
    st.sampled_from(Fate),
    st.integers(0, 4),
)


def judged(policy: Policy, example: Example) -> tuple[Example, Fate]:
    """Judge the example in a repository that has so many newer images, or what can be had."""
    made = image("it", tags=[tag(example.tag, age=example.age)], age=example.age)
    owner = _owner(policy, example, example.tag)
    same = (name for name in OTHERS if _owner(policy, example, name) == owner)
    newer = [name for name in same if name != example.tag][: example.newer]
    age = Span(example.age - 1)
    images = (image(name, tags=[tag(name, age=age)], age=age) for name in newer)
    decisions = evaluate(repository(example.repository, made, *images), policy, NOW)
    goes = isinstance(decisions.tags[example.tag], Delete)
    return replace(example, newer=len(newer)), Fate.DELETE if goes else Fate.KEEP


def _owner(policy: Policy, example: Example, name: str) -> str | None:
    rules = (r.name for r in policy.rules if r.matches(example.repository, TagName(name)))
    return next(rules, None)


@given(documents(), examples)
def test_the_judgement_agrees(policy: Policy, example: Example) -> None:
    """An example is judged as the image would be in a registry, newer ones included."""
    example, fate = judged(policy, example)
    assert foresee(policy, example).fate is fate


@given(documents(), st.lists(examples, max_size=4))
def test_a_policy_loads_exactly_when_its_examples_hold(
    policy: Policy, given_examples: list[Example]
) -> None:
    """Those that hold are read back; each that fails is one problem, at its place."""
    document, _ = policy_document(replace(policy, examples=tuple(given_examples)))
    wrong = [n for n, e in enumerate(given_examples) if foresee(policy, e).fate is not e.expect]
    try:
        assert policy_from(document).examples == tuple(given_examples)
        found = []
    except PolicyError as error:
        found = [problem.path for problem in error.problems]
    assert found == [f"examples[{n}].expect" for n in wrong]
