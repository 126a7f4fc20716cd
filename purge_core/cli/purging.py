"""What ``purge`` does, apart from reading its options (which has to be quick)."""

from typing import Final

from purge_core.acr_command import AcrCommand, read_acr_flags, read_acr_words
from purge_core.acr_dialect import AcrPurgeFlags
from purge_core.cli import console
from purge_core.cli.policies import GivenPolicy, find_policy
from purge_core.cli.purge import Options
from purge_core.cli.requests import Request, Wishes, environment, make_request
from purge_core.cli.runs import Shown, carry_out, show, show_failure
from purge_core.cli.runs import purge as purge_work
from purge_core.errors import InputError, Problem, RegistryError
from purge_core.journal import Mode
from purge_core.settings import Settings

_USUAL_PAGE: Final = AcrCommand(flags=AcrPurgeFlags()).repository_page_size
"""What a line means that says nothing of it: the registry is asked for its own size."""


def purge(options: Options) -> int:
    """Plan, delete, and tell."""
    settings = environment()
    given = _given(options, settings)
    for note in given.notes:
        console.warn(note)
    request = _request(options, given, settings)
    shown = Shown(options.output, options.verbose, options.quiet)
    try:
        result = carry_out(request, purge_work(request), shown)
    except RegistryError as error:
        show_failure(request, error, shown)
        raise
    return show(request, result, shown)


def _given(options: Options, settings: Settings) -> GivenPolicy:
    """Take the flags, or the policy; not both."""
    selection = list(options.selection())
    if options.policy is None and (selection or settings.policy is None):
        command, policy = read_acr_words([*selection, *options.manner()])
        return GivenPolicy(policy, command)
    problems = [
        Problem(word.partition("=")[0], "a flag beside --policy", "one of the two")
        for word in selection
    ]
    try:
        given = find_policy(options.policy, settings)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return given


def _request(options: Options, given: GivenPolicy, settings: Settings) -> Request:
    manner = read_acr_flags(options.manner())
    line = given.command or manner
    sizes = (manner.repository_page_size, line.repository_page_size)
    return make_request(
        Wishes(
            policy=given.policy,
            registry=options.registry,
            mode=Mode.PLAN if options.dry_run or line.dry_run else Mode.PURGE,
            concurrency=manner.concurrency or line.concurrency,
            repository_page_size=next((size for size in sizes if size != _USUAL_PAGE), None),
        ),
        settings,
    )
