"""What is asked for in a token, and what one that came is used for."""

import asyncio
import base64
import json
import tracemalloc

import pytest

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_scopes import Scope, for_all

LIST = Scope("shop/web", "metadata_read")
PULL = Scope("shop/web", "pull")
DELETE = Scope("shop/web", "delete")
UNLOCK = Scope("shop/web", "metadata_write")
CATALOG = Scope("", "catalog")
OF_ROLES: dict[str, object] = {"permissions": {}}
OF_REPOSITORIES: dict[str, object] = {"aad_identity": "someone"}


def token(claims: object) -> str:
    """Return a token that says so."""
    return f"head.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()}.tail"


def granting(*access: object, life: float = 100) -> str:
    """Return the header of a token that says to be good for this, for so many seconds."""
    return f"Bearer {token({'iat': 0, 'exp': life, 'access': access})}"


def repository(name: str, *actions: str) -> dict[str, object]:
    """Return what a token says of a repository."""
    return {"Type": "repository", "Name": name, "Actions": actions}


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def admitted(claims: object, clock: Clock | None = None) -> Bearers:
    """Return the tokens of a registry that gave such a refresh token."""
    bearers = Bearers(clock or Clock())
    bearers.admitted(token(claims))
    return bearers


def test_with_roles_a_token_is_for_all_repositories() -> None:
    """And still for no more than reading, deleting or unlocking."""
    bearers = admitted(OF_ROLES)
    assert bearers.wanted(LIST) == bearers.wanted(PULL) == Scope("*", "metadata_read,pull")
    assert bearers.wanted(DELETE) == Scope("*", "delete")
    assert bearers.wanted(UNLOCK) == Scope("*", "metadata_write")
    assert bearers.wanted(CATALOG) is None


@pytest.mark.parametrize("claims", [OF_REPOSITORIES, None, [], "x"])
def test_with_repository_permissions_it_is_for_one(claims: object) -> None:
    """And so it is where the registry does not tell."""
    bearers = admitted(claims)
    assert bearers.wanted(LIST) == Scope("shop/web", "metadata_read,pull")
    assert bearers.wanted(DELETE) is None


def test_before_the_first_sign_in_it_is_for_one() -> None:
    """Nothing is known yet, and again when it was not let in."""
    bearers = Bearers()
    assert not bearers.is_admitted
    assert bearers.wanted(PULL) == Scope("shop/web", "metadata_read,pull")
    bearers.admitted(token(OF_ROLES))
    bearers.admitted(None)
    assert not bearers.is_admitted


def test_what_never_served_is_asked_for_by_nobody() -> None:
    """Reading is asked for in the registry's own words then; deleting as before."""
    bearers = admitted(OF_ROLES)
    bearers.ask_plainly(PULL, for_all(PULL))
    assert bearers.wanted(PULL) is None
    assert bearers.wanted(Scope("shop/api", "pull")) is None
    assert bearers.wanted(DELETE) == Scope("*", "delete")


def test_what_served_others_is_not_asked_for_by_the_one_that_it_did_not() -> None:
    """One repository may be forbidden; and it is tried again after an hour."""
    clock = Clock()
    bearers = admitted(OF_ROLES, clock)
    header = granting(repository("*", "delete"), life=10**6)
    bearers.learn(DELETE, header)
    bearers.served(DELETE, header)
    bearers.ask_plainly(DELETE, for_all(DELETE))
    assert bearers.header(DELETE) is None
    assert bearers.wanted(DELETE) is None
    assert bearers.header(Scope("shop/api", "delete")) == header
    clock.now += 3600
    assert bearers.header(DELETE) == header
    assert bearers.wanted(DELETE) == Scope("*", "delete")


def test_a_token_serves_what_it_says() -> None:
    """For all repositories, or for the actions that it names, of what was asked for."""
    bearers = Bearers()
    reading = granting(repository("*", "metadata_read", "pull", "delete"))
    bearers.learn(LIST, reading)
    assert bearers.header(Scope("shop/api", "pull")) == bearers.header(LIST) == reading
    assert bearers.header(DELETE) is None
    assert bearers.header(CATALOG) is None
    bearers.learn(DELETE, granting(repository("shop/web", "*"), repository("*", "pull")))
    assert bearers.header(DELETE) is not None
    assert bearers.header(UNLOCK) is None
    assert bearers.header(LIST) == reading


@pytest.mark.parametrize(
    "access",
    [
        {"Type": "registry", "Name": "*", "Actions": ["*"]},
        {"Type": "repository", "Name": "*", "Actions": "pull"},
        {"Name": "*", "Actions": ["pull"]},
        ["pull"],
        "pull",
        None,
    ],
)
def test_what_makes_no_sense_in_a_token_is_passed_over(access: object) -> None:
    """It still serves what it was answered on."""
    bearers = Bearers()
    header = granting(access)
    bearers.learn(LIST, header)
    assert bearers.header(LIST) == header
    assert bearers.header(PULL) is None


@pytest.mark.parametrize("end", [10**400, "soon", None])
def test_an_end_that_makes_no_sense_is_none(end: object) -> None:
    """Only the registry can say when such a token ends."""
    bearers = Bearers()
    header = f"Bearer {token({'iat': 0, 'exp': end})}"
    bearers.learn(LIST, header)
    assert bearers.header(LIST) == header


def test_a_token_that_cannot_be_sent_is_not_remembered() -> None:
    """Else no request would be sent any more, for as long as it says to live."""
    bearers = Bearers()
    bearers.learn(LIST, "Bearer a\r\nX-Evil: 1")
    assert bearers.header(LIST) is None


def test_a_refused_token_is_forgotten_for_all() -> None:
    """Who is refused with a token for all repositories asks for a new one; others stay."""
    bearers = Bearers()
    header = granting(repository("*", "metadata_read", "pull"))
    bearers.learn(LIST, header)
    bearers.forget(LIST, "Bearer an.older.one")
    assert bearers.header(LIST) == header
    bearers.forget(LIST, header)
    assert bearers.header(LIST) is None
    assert bearers.header(Scope("shop/api", "metadata_read")) is None


def test_what_is_spent_is_not_kept_for_ever() -> None:
    """A process may see tens of thousands of repositories in its life."""
    clock = Clock()
    bearers = Bearers(clock)
    tracemalloc.start()
    try:
        for number in range(20_000):
            clock.now += 1
            bearers.learn(Scope(f"shop/{number}", "pull"), granting(life=100 + number % 7))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3 * 2**20


async def test_others_go_on_once_the_token_is_there() -> None:
    """The call that signed in for them may take as long as it likes."""
    bearers = admitted(OF_ROLES)
    header = granting(repository("*", "delete"))
    served: list[str | None] = []

    async def follow() -> None:
        async with bearers.turn(Scope("shop/api", "delete")):
            served.append(bearers.header(Scope("shop/api", "delete")))

    async with bearers.turn(DELETE):
        follower = asyncio.ensure_future(follow())
        await asyncio.sleep(0)
        bearers.learn(DELETE, header)
        async with asyncio.timeout(10):
            await follower
    assert served == [header]


async def test_the_first_sign_in_is_waited_for_by_all() -> None:
    """It shows what may be asked for: after it one signs in for all repositories."""
    bearers = Bearers()
    signed: list[str | None] = []

    async def call(scope: Scope) -> None:
        async with bearers.turn(scope):
            if bearers.header(scope) is None:
                wanted = bearers.wanted(scope)
                assert wanted is not None
                signed.append(wanted.repository)
                await asyncio.sleep(0)
                bearers.admitted(token(OF_ROLES))
                bearers.learn(scope, granting(repository(wanted.repository, "metadata_read")))

    scopes = [Scope(f"shop/{number}", "metadata_read") for number in range(16)]
    await asyncio.gather(*map(call, scopes))
    assert signed == ["shop/0", "*"]


async def test_a_first_sign_in_that_fails_holds_nobody_up() -> None:
    """They go on each for itself, as the registry may let others in."""
    bearers = Bearers()

    async def fail() -> None:
        async with bearers.turn(LIST):
            await asyncio.sleep(0)
            raise ValueError("refused")

    async def call(number: int) -> int:
        async with bearers.turn(Scope(f"shop/{number}", "metadata_read")):
            return number

    first = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        assert await asyncio.gather(*map(call, range(4))) == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="refused"):
        await first
