"""What runs is kept by the command line; when that is not known, nothing goes."""

import os
import time
from pathlib import Path

import jsonschema
import pytest

from purge_core.report.run_schema import run_schema
from tests.e2e.shop import Shop

POLICY = """
version: 1
rules: [{repositories: ".*", tags: "v.*", older_than: 1d, allow_empty: true}]
protect: [{in_use: in-use.txt, max_age: 1d}]
limits: {max_delete_share: 1}
"""


@pytest.fixture
def web(shop: Shop, tmp_path: Path) -> Shop:
    """Seed two images, and a policy that names a list of images in use."""
    shop.seed(
        '  "{shop}/web":\n    images:\n'
        "      - {tags: [v1], age: 30d}\n      - {tags: [v2], age: 30d}"
    )
    shop.folder = tmp_path
    text = POLICY.replace('".*"', f'"{shop.prefix}/.*"', 1)
    (tmp_path / "policy.yaml").write_text(text)
    return shop


def write(shop: Shop, *, age: float = 0) -> None:
    """Write the list, so many days ago."""
    assert shop.folder is not None
    path = shop.folder / "in-use.txt"
    path.write_text(f"{shop.served.login_server}/{shop.prefix}/web:v1 nginx:1.27\n")
    moment = time.time() - age * 86_400
    os.utime(path, (moment, moment))


def test_what_is_in_use_stays(web: Shop) -> None:
    """It is kept with its reason, and the rest goes."""
    write(web)
    result = web.run("purge", "--policy", "policy.yaml", "-o", "json")
    assert result.code == 0, result.err
    assert web.tags("web") == {"v1"}
    tags = {tag["name"]: tag for tag in result.document["repositories"][0]["tags"]}
    assert [reason["code"] for reason in tags["v1"]["reasons"]] == ["in-use"]
    assert "in use: 1 reference to" in result.err


@pytest.mark.parametrize("age", [None, 2])
@pytest.mark.parametrize("command", ["plan", "purge"])
def test_not_known_is_refused(web: Shop, command: str, age: float | None) -> None:
    """Without a list, or with an old one, the run is refused; programs get a document."""
    if age is not None:
        write(web, age=age)
    result = web.run(command, "--policy", "policy.yaml", "-o", "json")
    assert result.code == 3
    jsonschema.validate(result.document, run_schema())
    assert "in-use.txt" in result.document["error"]
    assert "cannot be relied on" in result.err
    assert web.tags("web") == {"v1", "v2"}


def test_what_came_into_use_after_the_plan_stays(web: Shop) -> None:
    """A kept plan is carried out by the lists of that moment."""
    write(web)
    assert web.folder is not None
    list_ = web.folder / "in-use.txt"
    list_.write_text("nginx:1.27\n")
    assert web.run("plan", "--policy", "policy.yaml", "--out", "plan.json").code == 0
    write(web)
    result = web.run("apply", "plan.json", "-o", "json")
    assert web.tags("web") == {"v1"}, result.err
    list_.unlink()
    assert "cannot be relied on" in web.run("apply", "plan.json").err
