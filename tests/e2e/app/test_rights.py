"""The app where its identity may not do what is asked for, as in a deployment of mode `plan`."""

import json
from pathlib import Path

from tests.e2e.app.world import images, running

MAY_NOT_DELETE = json.dumps([{"actions": ["delete"]}])


def test_without_the_right_to_delete(tmp_path: Path) -> None:
    """A plan is made; applied, it ends with every step denied, and names the missing role."""
    with running(tmp_path, registry=["--option", f"denials={MAY_NOT_DELETE}"]) as app:
        app.seed(images("shop", 3))
        run = app.ended(app.nightly())
        assert run["state"] == "planned"
        assert app.post(f"{run['links']['self']}/apply").status == 202
        ended = app.ended(run["id"])
        assert ended["state"] == "done"
        assert list(ended["outcomes"]) == ["denied"]
        assert app.repositories(run["id"])["shop"]["state"] == "done"
        details = [item["detail"] for item in app.items(run["id"], "shop") if item.get("outcome")]
        assert len(details) == ended["outcomes"]["denied"]["steps"]
        assert all("lacks AcrDelete" in detail for detail in details)
        assert len(app.tags("shop")) == 5
