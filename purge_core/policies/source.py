"""Wherever a policy is given as text: a YAML or JSON document, or an ``acr purge`` line.

What reads documents is imported when there is one: an ``acr purge`` line needs none of it.
"""

from dataclasses import dataclass

from purge_core.policies.acr_command import AcrCommand, is_acr_command, parse_acr_policy
from purge_core.policies.policy import Policy


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A policy, and the command line that it came from, if it came from one.

    The command also says what is no part of the policy, such as ``--dry-run``.
    """

    policy: Policy
    command: AcrCommand | None = None


def load_source(text: str) -> PolicySource:
    """Read a policy document, or a line that starts with ``acr purge``.

    Raises:
        PolicyError: with all problems.

    """
    if is_acr_command(text):
        command, policy = parse_acr_policy(text)
        return PolicySource(policy, command)
    from purge_core.policies.document import parse_policy_document

    return PolicySource(parse_policy_document(text))


def load_policy(text: str) -> Policy:
    """Read only the policy of ``text``, as ``load_source`` does.

    Raises:
        PolicyError: with all problems.

    """
    return load_source(text).policy
