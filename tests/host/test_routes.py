"""Route templates: which paths they take, and which templates are refused."""

import pytest

from devhost.errors import ConfigurationError
from devhost.routes import compile_route, decode_path


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("runs", "/api/runs", {}),
        ("runs", "/api/runs/", {}),
        ("runs", "/API/Runs", {}),
        ("runs", "/api/runs/1", None),
        ("runs/{id}", "/api/runs/7", {"id": "7"}),
        ("runs/{id}", "/api/runs/", None),
        ("runs/{id}/apply", "/api/runs/7/apply", {"id": "7"}),
        ("runs/{id:int}", "/api/runs/x", None),
        ("runs/{id?}", "/api/runs", {}),
        ("runs/{id?}", "/api/runs/7", {"id": "7"}),
        ("r/{id}/{*repository}", "/api/r/7/shop/web", {"id": "7", "repository": "shop/web"}),
        ("r/{id}/{*repository}", "/api/r/7", {"id": "7"}),
        ("r/{**all}", "/api/r/a/b", {"all": "a/b"}),
        ("a.b", "/api/axb", None),
    ],
)
def test_match(template: str, path: str, values: dict[str, str] | None) -> None:
    """A route takes a path whole and gives the values of its parameters, or does not take it."""
    assert compile_route("api", template).match(path) == values


def test_prefix_may_be_empty() -> None:
    """An empty routePrefix puts functions at the root."""
    assert compile_route("", "runs").match("/runs") == {}


def test_literal_goes_before_parameter_before_catch_all() -> None:
    """Precedence is by segment, the more literal first."""
    templates = ["{*all}", "runs/{id}", "runs/latest", "runs/{id:int}"]
    routes = sorted((compile_route("api", t) for t in templates), key=lambda r: r.precedence)
    assert [route.template for route in routes] == [
        "api/runs/latest",
        "api/runs/{id:int}",
        "api/runs/{id}",
        "api/{*all}",
    ]


def test_encoded_slash_stays() -> None:
    """`%2F` does not become a separator; other escapes are decoded."""
    assert decode_path("/api/a%2fb/c%20d%C3%A9") == "/api/a%2Fb/c dé"


@pytest.mark.parametrize(
    "template", ["{*all}/more", "{id?}/more", "{id}/{id}", "{id:weird}", "v{version}", "a//b"]
)
def test_wrong_template_is_refused(template: str) -> None:
    """What this host cannot route the way the real one does is refused."""
    with pytest.raises(ConfigurationError):
        compile_route("api", template)
