"""What `doctor` concludes from what was seen of a registry."""

import json
import subprocess
from dataclasses import replace

import pytest

from purge_core.checkup.checks import Check, Need, State, all_well
from purge_core.checkup.mending import UNLOCKING
from purge_core.checkup.registry_checks import registry_checks
from purge_core.checkup.sights import Deleted, Permissions, RegistrySight, Step, Who
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode

READ = frozenset({"pull", "metadata_read"})
ALL = READ | {"delete", "metadata_write"}
PLAN, PURGE = Need(Mode.PLAN), Need(Mode.PURGE)
WHO = Who("5e0f", "8a1c", is_user=False)
SIGHT = RegistrySight(
    host="contoso.azurecr.io",
    skew=Span(0),
    who=WHO,
    permissions=Permissions.ROLES,
    names=("shop/cart", "shop/web"),
    rights={"shop/cart": ALL, "shop/web": ALL},
)


def seen(sight: RegistrySight, need: Need = PURGE, policy: str | None = None) -> dict[str, Check]:
    """Return the checks by topic."""
    of = None if policy is None else load_policy(policy)
    return {check.topic: check for check in registry_checks(sight, need, of)}


def test_all_is_well() -> None:
    """With every right nothing is missing, whatever is intended."""
    for need in (PLAN, PURGE, Need(Mode.PURGE, include_locked=True)):
        assert all_well(seen(SIGHT, need).values())


@pytest.mark.parametrize(
    ("permissions", "role"),
    [
        (Permissions.ROLES, "AcrDelete"),
        (Permissions.REPOSITORIES, "Container Registry Repository Contributor"),
    ],
)
def test_no_right_to_delete(permissions: Permissions, role: str) -> None:
    """It is missing to purge, with the role of the registry's mode; to plan it is as it should."""
    rights = {"shop/cart": ALL, "shop/web": READ}
    sight = replace(SIGHT, permissions=permissions, rights=rights)
    check = seen(sight)["delete"]
    assert check.state is State.MISSING
    assert f"in shop/web: the identity lacks {role}" in check.said
    (command,) = check.mend
    assert role in command
    assert "--assignee-object-id 8a1c --assignee-principal-type ServicePrincipal" in command
    assert "az acr show --name contoso" in command


def test_planning_needs_no_right_to_delete() -> None:
    """A plan-only identity is well; one that may delete is told of, and well too."""
    harmless = replace(SIGHT, rights=dict.fromkeys(("shop/cart",), READ))
    assert seen(harmless, PLAN)["delete"].state is State.OK
    assert seen(SIGHT, PLAN)["delete"].state is State.NOTE
    assert all_well(seen(harmless, PLAN).values())
    assert not all_well(seen(harmless, PURGE).values())


@pytest.mark.parametrize(("action", "topic"), [("metadata_read", "list"), ("pull", "read")])
def test_no_right_to_read(action: str, topic: str) -> None:
    """Without reading there is not even a plan."""
    sight = replace(SIGHT, rights={"shop/cart": ALL - {action}})
    check = seen(sight, PLAN)[topic]
    assert (check.state, "AcrPull" in check.said) == (State.MISSING, True)


def test_locked_items_need_one_right_more() -> None:
    """Only where the policy unlocks; with plain roles only a custom role has that right."""
    sight = replace(SIGHT, rights={"shop/cart": ALL - {"metadata_write"}})
    assert "unlock" not in seen(sight)
    check = seen(sight, Need(Mode.PURGE, include_locked=True))["unlock"]
    assert check.state is State.MISSING
    assert "PURGE_INCLUDE_LOCKED" in check.mend[0]
    assert "--role 'ACR purge: unlock in contoso'" in check.mend[2]
    answers = 'acr) echo /subscriptions/1/resourceGroups/2/a/b;; *) echo "$5";;'
    script = f'az() {{ case "$1" in {answers} esac; }}\n{check.mend[1]}'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    role = json.loads(said)
    assert role["Actions"] == list(UNLOCKING)
    assert role["AssignableScopes"] == ["/subscriptions/1/resourceGroups/2"]
    assert role["Name"] in check.mend[2]


def test_no_catalogue() -> None:
    """Nothing to ask about then; the policy's reach is not told."""
    sight = replace(SIGHT, names=None, rights={})
    checks = seen(sight, policy="acr purge -f a:b --ago 1d")
    assert checks["catalog"].state is State.MISSING
    assert checks["rights"].state is checks["policy"].state is State.UNSEEN


@pytest.mark.parametrize(
    ("policy", "state", "said"),
    [
        ("acr purge -f 'shop/cart:x' --ago 1d", State.OK, "for 1 of 2 repositories"),
        ("acr purge -f 'cart:x' --ago 1d", State.NOTE, "nothing here will ever go"),
    ],
)
def test_reach_of_the_policy(policy: str, state: State, said: str) -> None:
    """How many of the repositories the policy is for; none is worth a word."""
    check = seen(SIGHT, policy=policy)["policy"]
    assert (check.state, said in check.said) == (state, True)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, State.OK), (29, State.OK), (-30, State.NOTE), (299, State.NOTE), (-300, State.MISSING)],
)
def test_clock(seconds: int, state: State) -> None:
    """Half a minute is told, five minutes are too much for tokens."""
    check = seen(replace(SIGHT, skew=Span(seconds * TICKS_PER_SECOND)))["clock"]
    assert check.state is state
    if seconds:
        assert state is State.OK or ("behind" in check.said) is (seconds < 0)


@pytest.mark.parametrize(
    ("step", "mend"),
    [
        (Step.NETWORK, "network-rule"),
        (Step.CERTIFICATE, "SSL_CERT_FILE"),
        (Step.IDENTITY, "az login"),
        (Step.ADMISSION, "--role AcrPull"),
    ],
)
def test_trouble_ends_the_look(step: Step, mend: str) -> None:
    """What was not reached is not judged; the command fits the step."""
    checks = seen(replace(SIGHT, step=step, trouble="no"))
    assert list(checks) == ["clock", step.value]
    assert checks[step.value].state is State.MISSING
    assert any(mend in command for command in checks[step.value].mend)


@pytest.mark.parametrize(
    ("deleted", "state"),
    [
        (Deleted.HOLDS, State.OK),
        (Deleted.EMPTY, State.UNSEEN),
        (Deleted.UNANSWERED, State.UNSEEN),
    ],
)
def test_soft_delete(deleted: Deleted, state: State) -> None:
    """Only what lies there proves it."""
    assert seen(replace(SIGHT, deleted=deleted))["soft delete"].state is state


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (WHO, "application 5e0f (object id 8a1c)"),
        (Who("anna@contoso.com", None, is_user=True), "user anna@contoso.com"),
        (Who(None, "8a1c"), "identity (object id 8a1c)"),
        (Who(), "does not say as whom"),
    ],
)
def test_identity(who: Who, said: str) -> None:
    """As much as the token tells."""
    assert said in seen(replace(SIGHT, who=who))["identity"].said
