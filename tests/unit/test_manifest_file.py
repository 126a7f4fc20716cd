"""The file of the command line's memory: shared, private, and done without when it is bad."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from purge_core.adapters.manifest_file import open_manifest_file
from purge_core.errors import MemoryLost
from purge_core.model import Digest, RepositoryName
from tests.builders import NOW

SHOP = RepositoryName("shop")


def digest(number: int) -> Digest:
    """Return a digest."""
    return Digest(f"sha256:{number:064x}")


async def entries(path: Path) -> dict[Digest, bytes]:
    """Open a file and recall what it holds of the shop."""
    async with open_manifest_file(path) as file:
        return {digest: entry async for digest, entry in file.recall("contoso", SHOP)}


async def filled(path: Path, count: int = 1) -> None:
    """Make a file that holds something."""
    async with open_manifest_file(path) as file:
        learnt = {digest(n): bytes(1000) for n in range(count)}
        await file.remember("contoso", SHOP, learnt, (), NOW)


async def test_it_is_kept(tmp_path: Path) -> None:
    """What was written is there when the file is opened again; only its owner may look."""
    path = tmp_path / "a" / "b" / "manifests.db"
    await filled(path)
    assert await entries(path) == {digest(0): bytes(1000)}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["manifests.db"]


async def test_several_use_it_at_once(tmp_path: Path) -> None:
    """They wait for each other, and see what the others wrote."""
    path = tmp_path / "manifests.db"

    async def one(number: int) -> None:
        async with open_manifest_file(path) as file:
            for step in range(20):
                learnt = {digest(100 * number + step): b"x"}
                await file.remember("contoso", SHOP, learnt, (), NOW)

    await filled(path, count=0)
    await asyncio.gather(*(one(number) for number in range(4)))
    assert len(await entries(path)) == 80


async def test_something_else_is_left_alone(tmp_path: Path) -> None:
    """A database of another program, or of another version, is neither used nor changed."""
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as other:
        other.executescript("CREATE TABLE photos (name TEXT); PRAGMA user_version = 1;")
    before = path.read_bytes()
    with pytest.raises(MemoryLost, match="the file holds something else"):
        await entries(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"text, and no database" * 300, b"SQLite format 3\x00junk"])
async def test_what_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file that was named by mistake keeps every byte."""
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(MemoryLost, match=r"letter\.txt"):
        await entries(path)
    assert path.read_bytes() == content


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Nor is what cannot be made."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "manifests.db"):
        with pytest.raises(MemoryLost):
            await entries(path)


async def test_damage_inside_is_told(tmp_path: Path) -> None:
    """Pages that were overwritten are an error of the memory, never one of the run."""
    path = tmp_path / "manifests.db"
    await filled(path, count=500)
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(MemoryLost, match="malformed"):
        await entries(path)


@pytest.mark.parametrize("odd", ["content = 'text'", "digest = 7"])
async def test_odd_values_are_passed_over(tmp_path: Path, odd: str) -> None:
    """What is no entry is none."""
    path = tmp_path / "manifests.db"
    await filled(path)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"UPDATE manifests SET {odd}")  # noqa: S608 - fixed
    assert all(isinstance(entry, bytes) for entry in (await entries(path)).values())
