"""What is left of the tour: one page about its registry, and about one with a past."""

import subprocess
import sys
from pathlib import Path

from acr_emulator.process import Served, serving
from demo.history import scene
from demo.stage import ROOT, Stage, require, tell, title

POLICY = "demo/policy.yaml"


def leave(stage: Stage, out: Path, nights: int) -> None:
    """Let a second registry have been purged for so many nights, and write the page.

    Raises:
        DemoFailed: something was not as it should be.

    """
    title("What people look at: the report")
    left_out = nights // 3
    with serving() as kept:
        kept.admin("POST", "scenario", scene(nights))
        tell(
            f"A second registry, {kept.login_server}, is purged for {nights} nights by the code\n"
            "of the app, at the time of each night. One night is left out on purpose."
        )
        _live(stage, kept, nights, left_out)
    everywhere = {k: v for k, v in stage.environment.items() if k != "ACR_DEFAULT_REGISTRY"}
    Stage(everywhere).show("report", "--days", str(nights), "--out", str(out))
    text = out.read_text()
    require("1 night missing" in text, "the night that was left out is not told of")
    require("data/prototype" in text, "the refused repository is not told of")
    require("counted blob by blob" in text, "what the nights freed was not counted")
    tell(f"\nOne file that needs nothing else. Open {out.as_uri()}")


def _live(stage: Stage, kept: Served, nights: int, left_out: int) -> None:
    """Run the nights in a process of their own, which trusts the second registry."""
    env = {
        **stage.environment,
        "AzureWebJobsStorage": stage.environment["PURGE_JOURNAL"],
        "PURGE_REGISTRIES": kept.login_server,
        "PURGE_MODE": "purge",
        "PURGE_EXACT_BYTES": "true",
        "PURGE_POLICY": POLICY,
        "PURGE_WORKERS_PER_REGISTRY": "8",
        "SSL_CERT_FILE": kept.ca_file,
    }
    command = [sys.executable, "-m", "demo.history", str(nights), str(left_out)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    require(done.returncode == 0, f"the nights did not go well:\n{done.stderr}")
    require(done.stdout.strip() == str(nights - 1), "another number of nights than wanted")
