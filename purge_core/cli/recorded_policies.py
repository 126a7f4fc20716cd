"""What the record of a run says of the policy that it went by."""

import json
from typing import Final

from purge_core.cli.recording import Recording, recording
from purge_core.cli.requests import Inputs
from purge_core.plans.document import StoredPlan
from purge_core.policies.acr_command import is_acr_command
from purge_core.policies.policy import Policy
from purge_core.records.store_journal import RunDetails
from purge_core.records.store_records import Trigger
from purge_core.settings import Settings
from purge_core.wire import write_value

_LONGEST: Final = 200
"""Characters of a policy's name."""


def policy_recording(asked: str | None, policy: str | None, inputs: Inputs) -> Recording | None:
    """Give the recording of a run by a policy: its name is its file's.

    Raises:
        InputError: there is no address of a journal, or one that cannot be used.

    """
    named = policy or inputs.settings.policy or ""
    details = RunDetails(_whole(inputs.source.policy), _name(named), Trigger.CLI)
    return recording(asked, inputs.settings, details)


def plan_recording(asked: str | None, settings: Settings, stored: StoredPlan) -> Recording | None:
    """Give the recording of a plan that is carried out.

    Raises:
        InputError: there is no address of a journal, or one that cannot be used.

    """
    details = RunDetails(_whole(stored.policy), "a kept plan", Trigger.APPLY)
    return recording(asked, settings, details)


def _whole(policy: Policy) -> str:
    """Write a policy exactly as it was understood."""
    return json.dumps({"policy": write_value(policy)})


def _name(text: str) -> str:
    if text == "-":
        return "standard input"
    if is_acr_command(text):
        return "acr purge"
    is_document = text.lstrip().startswith("{") or "\n" in text
    return "a document" if is_document else text[:_LONGEST]
