"""What a night of the app says that it frees, held against what the registry stores."""

from pathlib import Path

from tests.e2e.app.world import images, running


def test_a_night_frees_what_it_says(tmp_path: Path) -> None:
    """To the byte, over all repositories; a run on demand does not count."""
    more = {"PURGE_MODE": "purge", "PURGE_EXACT_BYTES": "true"}
    with running(tmp_path, more) as app:
        app.seed("\n".join(images(f"team/app-{n}", 2) for n in range(3)))
        before = app.served.admin("GET", "usage")["bytes"]
        run = app.ended(app.nightly())
        freed = before - app.served.admin("GET", "usage")["bytes"]
        assert run["state"] == "done"
        assert run["sums"]["exact_bytes"] == freed > 0
        app.seed(images("team/more", 2))
        other = app.ended(app.purge(mode="purge", wait=60).json()["id"])
        assert other["outcomes"]["deleted"]["tags"] == 2
        assert "exact_bytes" not in other["sums"]
