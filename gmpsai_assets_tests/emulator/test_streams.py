"""Rendered blocks are kept, found again and removed."""

import os
from pathlib import Path

from gmpsai_assets.emulator.streams import BlockCache, FilePart, Part, contents


def ask(cache: BlockCache, key: str, text: bytes) -> Part:
    return cache.get(key, lambda: text)


def test_a_block_is_computed_once(tmp_path: Path) -> None:
    cache = BlockCache(tmp_path, 1_000, "one")
    assert ask(cache, "a", b"first") == b"first"
    again = ask(cache, "a", b"second")
    assert isinstance(again, FilePart)
    assert contents(again) == b"first"


def test_blocks_of_another_version_are_not_used(tmp_path: Path) -> None:
    ask(BlockCache(tmp_path, 1_000, "one"), "a", b"first")
    assert ask(BlockCache(tmp_path, 1_000, "two"), "a", b"second") == b"second"
    kept = ask(BlockCache(tmp_path, 1_000, "one"), "a", b"third")
    assert contents(kept) == b"first"


def test_the_oldest_blocks_make_room(tmp_path: Path) -> None:
    cache = BlockCache(tmp_path, 1_000, "one")
    for number in range(30):
        ask(cache, f"block {number}", bytes(100))
    sizes = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(sizes) <= 1_000
    assert contents(ask(cache, "block 29", b"new")) == bytes(100)
    assert contents(ask(cache, "block 0", b"new")) == b"new"


def test_files_of_the_user_are_neither_counted_nor_removed(tmp_path: Path) -> None:
    own = [
        tmp_path / "thesis.tex",
        tmp_path / "figures" / "one.png",
        tmp_path / "0123456789abcdef" / ("0" * 32),
        tmp_path / ".git" / "config",
        tmp_path / "notes.block",
    ]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(400))
        os.utime(path, (1, 1))  # older than any block
    cache = BlockCache(tmp_path, 1_000, "one")
    for number in range(30):
        ask(cache, f"block {number}", bytes(100))
    assert [path.read_bytes() for path in own] == [bytes(400)] * len(own)
    assert contents(ask(cache, "block 29", b"new")) == bytes(100)


def test_blocks_of_older_versions_make_room_too(tmp_path: Path) -> None:
    for number in range(9):
        ask(BlockCache(tmp_path, 1_000, "one"), f"block {number}", bytes(100))
    newer = BlockCache(tmp_path, 1_000, "two")
    for number in range(9):
        ask(newer, f"block {number}", bytes(100))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 1_000
    assert contents(ask(newer, "block 8", b"new")) == bytes(100)


def test_a_temporary_cache_is_removed() -> None:
    cache = BlockCache(None, 1_000, "one")
    ask(cache, "a", b"first")
    kept = ask(cache, "a", b"second")
    assert isinstance(kept, FilePart)
    path = Path(kept.file.name)
    kept.file.close()
    cache.close()
    assert not path.parent.parent.exists()


def test_a_lost_folder_costs_speed_and_not_the_reply(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = BlockCache(folder, 1_000, "one")
    for path in folder.iterdir():
        path.rmdir()
    assert ask(cache, "a", b"first") == b"first"
    assert ask(cache, "a", b"second") == b"second"
