"""Who is let in: challenges, exchanges, tokens, Basic."""

import jwt
import pytest

from acr_emulator import Denial, Emulator, Options
from acr_emulator.wire.tokens import Tokens
from tests.emulator.http import basic, bearer, connected, serving
from tests.emulator.seeds import image, new_registry

TAGS = "/acr/v1/shop%2Fweb/_tags"


def emulator(**options: object) -> Emulator:
    """An emulator with one image."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    return Emulator(registry, Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", TAGS, "repository:shop/web:metadata_read"),
        ("PATCH", f"{TAGS}/v1", "repository:shop/web:metadata_write"),
        ("DELETE", f"{TAGS}/v1", "repository:shop/web:delete"),
        ("DELETE", "/v2/shop%2Fweb/manifests/sha256%3Aaa", "repository:shop/web:delete"),
        ("GET", "/v2/shop%2Fweb/manifests/v1", "repository:shop/web:pull"),
        ("PUT", "/v2/shop%2Fweb/manifests/v1", "repository:shop/web:push"),
        ("GET", "/acr/v1/_catalog", "registry:catalog:*"),
        ("GET", "/v2/_catalog", "registry:catalog:*"),
    ],
)
async def test_without_a_token_the_needed_scope_is_told(method: str, path: str, scope: str) -> None:
    """Each kind of request names its own scope."""
    async with serving(emulator()) as client:
        answer = await client.send(method, path, headers={})
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].endswith(f',scope="{scope}"')


async def test_a_token_serves_its_own_scope_only() -> None:
    """A reader's token does not delete: a second 401, with the word for it."""
    async with serving(emulator()) as client:
        token = await client.access_token("repository:shop/web:metadata_read")
        read = await client.send("GET", TAGS, headers=bearer(token))
        delete = await client.send("DELETE", f"{TAGS}/v1", headers=bearer(token))
        assert read.status == 200
        assert delete.status == 401
        assert 'error="insufficient_scope"' in delete.headers["WWW-Authenticate"]


async def test_one_token_may_hold_several_scopes() -> None:
    """Scopes come with spaces between, actions with commas."""
    async with serving(emulator()) as client:
        token = await client.access_token(
            "registry:catalog:* repository:shop/web:metadata_read,delete"
        )
        for method, path in (
            ("GET", "/acr/v1/_catalog"),
            ("GET", TAGS),
            ("DELETE", f"{TAGS}/v1"),
        ):
            answer = await client.send(method, path, headers=bearer(token))
            assert answer.status in {200, 202}


async def test_a_wildcard_scope_serves_all_repositories() -> None:
    """As the registry's own tool asks for it outside of ABAC."""
    async with serving(emulator()) as client:
        token = await client.access_token("repository:*:*")
        assert (await client.send("GET", TAGS, headers=bearer(token))).status == 200


async def test_abac_names_the_identity_and_grants_no_wildcard() -> None:
    """Under ABAC tokens are per repository, and the refresh token says who asks."""
    async with serving(emulator(abac=True)) as client:
        refresh = await client.refresh_token("someone")
        claims = jwt.decode(refresh, options={"verify_signature": False})
        assert claims["aad_identity"] == "someone"
        wide = await client.access_token("repository:*:*", refresh_token=refresh)
        narrow = await client.access_token("repository:shop/web:*", refresh_token=refresh)
        assert (await client.send("GET", TAGS, headers=bearer(wide))).status == 401
        assert (await client.send("GET", TAGS, headers=bearer(narrow))).status == 200


async def test_denied_actions_are_left_out_of_tokens() -> None:
    """The token is issued and does not grant; others keep the action."""
    denial = Denial(actions=frozenset({"delete"}), repository="shop/.*", identity="someone")
    async with serving(emulator(denials=(denial,))) as client:
        scope = "repository:shop/web:delete"
        for name, status in (("someone", 401), ("another", 202)):
            refresh = await client.refresh_token(name)
            token = await client.access_token(scope, refresh_token=refresh)
            answer = await client.send("DELETE", f"{TAGS}/v1", headers=bearer(token))
            assert answer.status == status


async def test_denials_hold_for_basic_and_for_wildcards_too() -> None:
    """No way around."""
    denial = Denial(actions=frozenset({"delete"}), repository="shop/web")
    async with serving(emulator(denials=(denial,))) as client:
        wide = bearer(await client.access_token("repository:*:*"))
        for headers in (basic(), wide):
            answer = await client.send("DELETE", f"{TAGS}/v1", headers=headers)
            assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


async def test_only_listed_directory_tokens_are_exchanged() -> None:
    """With a list, others are refused and the list says whose a token is."""
    async with serving(emulator(aad_tokens={"secret": "ci"})) as client:
        refused = await client.post_form(
            "/oauth2/exchange", grant_type="access_token", access_token="other"
        )
        claims = jwt.decode(
            await client.refresh_token("secret"), options={"verify_signature": False}
        )
        assert refused.status == 401
        assert claims["sub"] == "ci"


async def test_the_identity_of_a_directory_token_is_its_claim() -> None:
    """A JWT names its bearer."""
    token = jwt.encode({"oid": "object-1"}, "x" * 32, algorithm="HS256")
    async with serving(emulator()) as client:
        claims = jwt.decode(await client.refresh_token(token), options={"verify_signature": False})
        assert claims["sub"] == "object-1"


@pytest.mark.parametrize("lifetime", ["access_token_lifetime", "refresh_token_lifetime"])
async def test_expired_tokens_are_refused(lifetime: str) -> None:
    """A token that lives no time opens nothing."""
    async with serving(emulator(**{lifetime: -10.0})) as client:
        refresh = await client.refresh_token()
        answer = await client.post_form(
            "/oauth2/token",
            grant_type="refresh_token",
            scope="repository:shop/web:metadata_read",
            refresh_token=refresh,
        )
        if lifetime == "access_token_lifetime":
            answer = await client.send("GET", TAGS, headers=bearer(answer.json["access_token"]))
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert answer.status == 401


async def test_revoked_and_foreign_tokens_are_refused() -> None:
    """What was not signed here, or not any more, opens nothing."""
    running = emulator()
    async with serving(running) as client:
        token = await client.access_token("repository:shop/web:metadata_read")
        foreign = Tokens(running.login_server).issue_access("x", 60, [])
        running.tokens.revoke_all()
        for text in (token, foreign, "nonsense"):
            assert (await client.send("GET", TAGS, headers=bearer(text))).status == 401


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [("admin", "development", 200), ("admin", "wrong", 401), ("", "", 401)],
)
async def test_the_admin_user_is_let_in_by_basic(user: str, password: str, status: int) -> None:
    """Every call may carry user and password."""
    async with serving(emulator()) as client:
        answer = await client.send("GET", TAGS, headers=basic(user, password))
        assert answer.status == status


async def test_a_refresh_token_is_a_password_of_the_nameless_user() -> None:
    """As docker keeps it after a login: for Basic and for the token address."""
    async with serving(emulator()) as client:
        user = "00000000-0000-0000-0000-000000000000"
        refresh = await client.refresh_token()
        direct = await client.send("GET", TAGS, headers=basic(user, refresh))
        scope = "repository:shop/web:metadata_read"
        issued = await client.send(
            "GET",
            f"/oauth2/token?service=any&scope={scope}",
            headers=basic(user, refresh),
        )
        token = issued.json["access_token"]
        assert direct.status == 200
        assert (await client.send("GET", TAGS, headers=bearer(token))).status == 200


@pytest.mark.parametrize(("anonymous", "status"), [(True, 200), (False, 401)])
async def test_anonymous_reading_is_a_choice(*, anonymous: bool, status: int) -> None:
    """Nobody in particular gets a token; what it grants depends."""
    async with serving(emulator(anonymous_pull=anonymous)) as client:
        answer = await client.post_form(
            "/oauth2/token", grant_type="password", scope="repository:shop/web:metadata_read"
        )
        headers = bearer(answer.json["access_token"])
        assert (await client.send("GET", TAGS, headers=headers)).status == status
        assert (await client.send("DELETE", f"{TAGS}/v1", headers=headers)).status == 401


async def test_malformed_forms_are_bad_requests() -> None:
    """Not every form is a grant."""
    async with serving(emulator()) as client:
        grant = await client.post_form("/oauth2/exchange", grant_type="password")
        scope = await client.post_form(
            "/oauth2/token",
            grant_type="refresh_token",
            refresh_token=await client.refresh_token(),
            scope="everything",
        )
        assert (grant.status, scope.status) == (400, 400)


async def test_ping_asks_for_any_credential() -> None:
    """The challenge of /v2/ names no scope."""
    async with serving(emulator()) as client:
        answer = await client.send("GET", "/v2/", headers={})
        assert answer.status == 401
        assert "scope" not in answer.headers["WWW-Authenticate"]
        assert (await client.get("/v2/")).status == 200


async def test_a_hostile_registry_can_name_other_hosts() -> None:
    """Realm and links are what the options say."""
    options = {"realm": "https://evil.example/token", "link_base": "https://evil.example"}
    running = emulator(**options)
    async with running, connected(running) as client:
        challenge = await client.send("GET", TAGS, headers={})
        listed = await client.get(f"{TAGS}?n=1")
        assert 'realm="https://evil.example/token"' in challenge.headers["WWW-Authenticate"]
        assert listed.headers["Link"].startswith("<https://evil.example/acr/v1/")
