"""Copies of the project with a mistake in them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from infra_check.check import check_project
from infra_check.problems import Problem

ROOT = Path(__file__).parents[2]
FILES = (
    ".github/workflows/ci.yml",
    "azure.yaml",
    "function_app.py",
    "host.json",
    "purge-policy.yaml",
)
"""What the checks read beside infra/."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An edit of a file, and words of the complaint that it must bring."""

    file: str
    old: str
    new: str
    complaint: str

    def __str__(self) -> str:
        """Name the test."""
        return f"{Path(self.file).name}: {self.complaint}"


def copy(folder: Path) -> Path:
    """Copy what the checks read."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "infra", folder / "infra")
    return folder


def found(folder: Path, mistake: Mistake) -> list[Problem]:
    """Make the mistake in a copy, and give all that is found."""
    path = copy(folder) / mistake.file
    text = path.read_text()
    assert mistake.old in text, "the file has changed: the mistake cannot be made any more"
    path.write_text(text.replace(mistake.old, mistake.new, 1))
    return check_project(folder)
