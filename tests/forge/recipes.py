"""Follow a recipe: make the bad bundle that no repository can hold, in a folder of one's own."""

import os
import shutil
import socket
from pathlib import Path


def follow(steps: list[list[str]], base: Path, place: Path) -> Path:
    """Copy the good bundle ``base`` into ``place``, do the steps to the copy and return it."""
    bundle = place / "bundle"
    shutil.copytree(base, bundle)
    (place / "outside.txt").write_bytes((base / "data/summary.md").read_bytes())
    shutil.copytree(base / "data/schema", place / "outside")
    for verb, *words in steps:
        _STEPS[verb](bundle, *words)
    return bundle


def _link(bundle: Path, name: str, target: str) -> None:
    (bundle / name).unlink()
    (bundle / name).symlink_to(target)


def _link_folder(bundle: Path, name: str, target: str) -> None:
    shutil.rmtree(bundle / name)
    (bundle / name).symlink_to(target)


def _fifo(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    os.mkfifo(bundle / name)


def _socket(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    before = Path.cwd()
    os.chdir((bundle / name).parent)  # a socket's path has at most 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(Path(name).name)
    finally:
        os.chdir(before)


def _hard_link(bundle: Path, name: str) -> None:
    os.link(bundle / name, bundle.parent / "second-name")


def _folder(bundle: Path, name: str) -> None:
    (bundle / name).mkdir(parents=True)


def _file(bundle: Path, name: str, text: str) -> None:
    (bundle / name).parent.mkdir(parents=True)
    (bundle / name).write_text(text)


def _empty(bundle: Path) -> None:
    shutil.rmtree(bundle)
    bundle.mkdir()


def _pad(bundle: Path, name: str, size: str) -> None:
    with (bundle / name).open("ab") as file:
        file.write(b" " * int(size))


def _files(bundle: Path, folder: str, count: str) -> None:
    (bundle / folder).mkdir(exist_ok=True)
    for number in range(int(count)):
        (bundle / folder / f"{number}.txt").touch()


_STEPS = {
    "link": _link,
    "link-folder": _link_folder,
    "fifo": _fifo,
    "socket": _socket,
    "hard-link": _hard_link,
    "file": _file,
    "files": _files,
    "folder": _folder,
    "empty": _empty,
    "pad": _pad,
}
