"""What one night has read of manifests the next need not read again."""

from pathlib import Path

from tests.e2e.app.world import World, images, running

MULTI = "      - {tags: [multi], age: 30d, platforms: [linux/amd64, linux/arm64]}"


def read_in_a_night(app: World) -> int:
    """Run a night to its end; return how many manifests were read."""
    app.served.admin("DELETE", "requests")
    run = app.ended(app.nightly())
    assert (run["state"], run["states"]["planned"]) == ("planned", 3)
    counts: dict[str, int] = app.served.admin("GET", "requests")["counts"]
    return counts.get("manifest_get", 0)


def test_second_night_reads_no_manifest(tmp_path: Path) -> None:
    """What is pushed meanwhile is read, and nothing else."""
    with running(tmp_path) as app:
        app.seed("\n".join(f"{images(f'shop/{n}', 3)}\n{MULTI}" for n in range(3)))
        assert read_in_a_night(app) == 3 * (1 + 3 + 1)
        assert read_in_a_night(app) == 0
        app.seed("  shop/0:\n    images:\n      - {tags: [pr-new], age: 20d}")
        assert read_in_a_night(app) == 1
