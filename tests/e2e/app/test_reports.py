"""Reports of the app on the real worker: pages, data, keys, and a registry that is away."""

import csv
import io
from typing import Any

import pytest

from tests.e2e.app.world import World, fresh_name, images

pytestmark = pytest.mark.xdist_group("app")


@pytest.fixture(scope="module")
def purged(app: World) -> tuple[str, str]:
    """Return a run that deleted something, and its repository."""
    name = fresh_name()
    app.seed(images(name, 2))
    document = app.purge(repositories=[name], mode="purge", wait=60).json()
    assert document["state"] == "done"
    return str(document["id"]), name


def paths(app: World, run: str, name: str) -> list[str]:
    """Return the address of every kind of page."""
    of_run = f"/api/report/runs/{run}"
    image = f"/api/report/images?registry={app.registry}&repository={name}&tag=none"
    return ["/api/report", of_run, f"{of_run}/repositories/{name}", image]


def with_format(path: str, form: str) -> str:
    """Return the address that asks for a form."""
    return f"{path}{'&' if '?' in path else '?'}format={form}"


def test_every_page(app: World, purged: tuple[str, str]) -> None:
    """A page, permitted nothing but its own style, and never kept."""
    for path in paths(app, *purged):
        answer = app.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.body.decode().startswith("<!doctype html>")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"


def test_the_same_as_data(app: World, purged: tuple[str, str]) -> None:
    """JSON and tables tell of the same run."""
    name = purged[1]
    for path in paths(app, *purged):
        document: Any = app.get(with_format(path, "json")).json()
        assert document["now"]
        table = app.get(with_format(path, "csv"))
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert table.headers["content-disposition"].startswith("attachment; filename=")
    report = app.get(with_format(paths(app, *purged)[1], "csv"))
    (row,) = csv.DictReader(io.StringIO(report.body.decode()))
    assert (row["repository"], row["deleted_manifests"]) == (name, "2")


def test_the_header_says_what_is_wanted(app: World, purged: tuple[str, str]) -> None:
    """`Accept` reaches the handler through the worker."""
    answer = app.target.call(
        "GET", "/api/report", key=app.target.key, headers={"Accept": "application/json"}
    )
    assert answer.json()["registries"]


def test_without_a_key(app: World, purged: tuple[str, str]) -> None:
    """Nobody sees anything."""
    for path in paths(app, *purged):
        assert app.target.call("GET", path, key="").status == 401
