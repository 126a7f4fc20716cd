"""What ``purge`` does, apart from reading its options (which has to be quick)."""

import shlex
from dataclasses import replace
from functools import partial
from typing import Final

from purge_core.cli import console
from purge_core.cli.connecting import with_manifest_cache
from purge_core.cli.given import PurgeOptions
from purge_core.cli.policies import find_policy
from purge_core.cli.recorded_policies import policy_recording
from purge_core.cli.recording import Recording, recording
from purge_core.cli.requests import Inputs, Request, Wishes, make_request
from purge_core.cli.runs import Shown, run_and_show
from purge_core.cli.runs import purge as purge_work
from purge_core.cli.used import with_used_shown
from purge_core.errors import InputError, Problem
from purge_core.policies.acr_command import AcrCommand, read_acr_flags, read_acr_words
from purge_core.policies.acr_dialect import AcrPurgeFlags
from purge_core.policies.source import PolicySource
from purge_core.records.journal import Mode
from purge_core.records.store_journal import RunDetails
from purge_core.records.store_records import Trigger
from purge_core.settings import Settings

_USUAL_PAGE: Final = AcrCommand(flags=AcrPurgeFlags()).repository_page_size
"""What a line means that says nothing of it: the registry is asked for its own size."""


def purge(options: PurgeOptions) -> int:
    """Plan, delete, and tell."""
    inputs = Inputs.read(options.registry, partial(_policy, options))
    _warn_of_notes(options, inputs.source)
    shown = Shown(options.output, options.verbose, options.quiet)
    request = with_manifest_cache(_request(options, inputs), options.manifest_cache)
    request = with_used_shown(request, shown)
    return run_and_show(request, purge_work(request), shown)


def _warn_of_notes(options: PurgeOptions, source: PolicySource) -> None:
    """Say what a person should know about how the flags and the policy were read."""
    line = source.command.notes if source.command is not None else ()
    for note in dict.fromkeys((*line, *read_acr_flags(options.manner()).notes)):
        console.warn(note)


def _policy(options: PurgeOptions, settings: Settings) -> PolicySource:
    """Take the flags, or the policy; not both."""
    selection = list(options.selection())
    if options.policy is None and (selection or settings.policy is None):
        command, policy = read_acr_words([*selection, *options.manner()])
        return PolicySource(policy, command)
    problems = [
        Problem(word.partition("=")[0], "a flag beside --policy", "one of the two")
        for word in selection
    ]
    try:
        read_acr_flags(options.manner())
        source = find_policy(options.policy, settings)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return source


def _request(options: PurgeOptions, inputs: Inputs) -> Request:
    manner = read_acr_flags(options.manner())
    recording = purge_recording(options, inputs)
    line = inputs.source.command or manner
    sizes = (manner.repository_page_size, line.repository_page_size)
    request = make_request(
        Wishes(
            policy=inputs.source.policy,
            registry=options.registry,
            mode=Mode.PLAN if options.dry_run or line.dry_run else Mode.PURGE,
            concurrency=manner.concurrency or line.concurrency,
            repository_page_size=next((size for size in sizes if size != _USUAL_PAGE), None),
        ),
        inputs.settings,
    )
    exact = options.exact_bytes or inputs.settings.exact_bytes
    order = replace(request.order, verify=options.verify or inputs.settings.verify)
    return replace(request, order=order, recording=recording, exact_bytes=exact)


def purge_recording(options: PurgeOptions, inputs: Inputs) -> Recording | None:
    """Say where the run is recorded, and by which policy it goes."""
    words = list(options.selection())
    if options.policy is None and (words or inputs.settings.policy is None):
        line = shlex.join(["acr", "purge", *words])
        details = RunDetails(line, "acr purge", Trigger.CLI)
        return recording(options.journal, inputs.settings, details)
    return policy_recording(options.journal, options.policy, inputs)
