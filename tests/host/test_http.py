"""HTTP triggers: routes, keys, answers, and the admin endpoints."""

import pytest

from tests.host.target import Target


def test_function_gets_the_request(target: Target) -> None:
    """Method, route value, query, headers and body arrive."""
    reply = target.call(
        "POST", "/api/items/a%20b?x=1&y=2", body=b"hello", headers={"X-Sample": "yes"}
    )
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json() == {
        "id": "a b",
        "method": "POST",
        "query": {"x": "1", "y": "2"},
        "header": "yes",
        "body": "hello",
    }


def test_catch_all_route_takes_slashes(target: Target) -> None:
    """`{*path}` holds the rest of the path."""
    reply = target.call("GET", "/api/files/shop/a/b/c")
    assert reply.json() == {"owner": "shop", "path": "a/b/c"}


def test_more_literal_route_wins(target: Target) -> None:
    """A literal segment goes before a catch-all."""
    assert target.call("GET", "/api/files/shop/index").json() == {"index_of": "shop"}


def test_status_and_headers_are_the_functions_own(target: Target) -> None:
    """A function decides on status and headers."""
    reply = target.call("POST", "/api/created")
    assert (reply.status, reply.headers["Location"]) == (202, "/api/items/7")


def test_failing_function_is_a_500(target: Target) -> None:
    """An exception in a function is an internal error, without its text."""
    reply = target.call("GET", "/api/broken")
    assert reply.status == 500
    assert b"always fails" not in reply.body


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/nothing"), ("DELETE", "/api/items/1"), ("GET", "/items/1")],
    ids=["no such route", "no such method", "without the prefix"],
)
def test_no_function_is_a_404(target: Target, method: str, path: str) -> None:
    """What no function takes is not found."""
    assert target.call(method, path).status == 404


@pytest.mark.parametrize("key", ["", "wrong"])
def test_function_needs_a_key(target: Target, key: str) -> None:
    """Without a right key the answer is 401."""
    assert target.call("GET", "/api/items/1", key=key).status == 401


def test_key_may_come_in_the_query(target: Target) -> None:
    """`code` is the other place for a key."""
    assert target.call("GET", f"/api/items/1?code={target.key}", key="").status == 200


def test_master_key_opens_functions(target: Target) -> None:
    """The master key is a key of every function."""
    assert target.call("GET", "/api/items/1", key=target.master_key).status == 200


def test_anonymous_function_needs_no_key(target: Target) -> None:
    """ANONYMOUS means what it says."""
    assert target.call("GET", "/api/open", key="").status == 200


def test_admin_lists_the_functions(target: Target) -> None:
    """Names, triggers and bindings of all functions can be read."""
    listed = target.call("GET", "/admin/functions", key=target.master_key).json()
    triggers = {
        row["name"]: binding
        for row in listed
        for binding in row["config"]["bindings"]
        if binding["type"].endswith("Trigger")
    }
    assert {name: trigger["type"] for name, trigger in triggers.items()} == {
        **dict.fromkeys(
            ("item", "file", "file_index", "open_to_all", "created", "broken", "sleep"),
            "httpTrigger",
        ),
        **dict.fromkeys(("text_output", "list_output"), "httpTrigger"),
        **dict.fromkeys(("first", "second", "fails", "buried", "slow"), "queueTrigger"),
        "tick": "timerTrigger",
    }
    assert triggers["tick"]["runOnStartup"] is False
    assert triggers["first"]["queueName"] == "sample-first"


def test_admin_needs_the_master_key(target: Target) -> None:
    """No key, no list and no manual run."""
    assert target.call("GET", "/admin/functions", key="").status == 401
    assert target.run_manually("tick", key="wrong").status == 401


def test_unknown_function_cannot_be_run(target: Target) -> None:
    """A manual run of nothing is a 404."""
    assert target.run_manually("nothing").status == 404
