"""Reading a named file ends, whatever the name stands for."""

import os

import pytest

from evidencekit.edges.files import read_limited
from evidencekit.errors import UndecidedError


def refused(path, **options):
    with pytest.raises(UndecidedError) as caught:
        read_limited(path, **options)
    return caught.value.code


def test_a_regular_file_and_a_link_to_it_are_read(tmp_path):
    (tmp_path / "f").write_bytes(b"123")
    (tmp_path / "l").symlink_to("f")
    assert read_limited(tmp_path / "f", limit=3) == read_limited(tmp_path / "l") == b"123"
    assert refused(tmp_path / "f", limit=2, family="key") == "key.size"


def test_everything_else_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    assert refused(tmp_path / "absent") == "file.missing"
    assert refused(tmp_path / "a\0b") == "file.missing"
    assert refused(tmp_path) in {"file.not-a-file", "file.unreadable"}
    assert refused(tmp_path / "fifo") == "file.not-a-file"
    assert refused(tmp_path / "loop") == "file.unreadable"
    assert refused(tmp_path / "absent" / "x") == "file.missing"
    assert refused(tmp_path / "fifo", family="trust").startswith("trust.")


def test_the_mode_is_that_of_the_file_that_is_read(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"")
    for mode, is_refused in ((0o600, False), (0o640, True), (0o602, True), (0o601, True)):
        path.chmod(mode)
        if is_refused:
            assert refused(path, refused_mode=0o077) == "file.too-open"
        else:
            assert read_limited(path, refused_mode=0o077) == b""


def test_a_hostile_name_is_made_visible(tmp_path):
    with pytest.raises(UndecidedError, match=r"\\x1b\[2J"):
        read_limited(tmp_path / "\x1b[2J")
