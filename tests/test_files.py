import os
import stat
import subprocess
import sys

import pytest

from charrnn import files
from charrnn.errors import FileError


def test_a_file_has_the_mode_of_any_new_file(tmp_path):
    code = (
        "import os, sys; os.umask(0o027); from pathlib import Path; from charrnn import files; "
        "files.write(Path(sys.argv[1]), b'a')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], check=True)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_file_that_is_there_is_written_over_by_force_alone(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(FileError, match="already exists") as caught, files.making(path):
        pass
    assert caught.value.exit_code == 1
    assert "--force" in caught.value.hint
    with files.making(path, force=True) as temporary:
        temporary.write_bytes(b"new")
        assert path.read_bytes() == b"old"  # until the new one is whole
    assert path.read_bytes() == b"new"


def test_a_folder_is_never_written_over(tmp_path):
    with pytest.raises(FileError, match="is a folder"), files.making(tmp_path, force=True):
        pass


def test_links_that_lead_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(FileError, match="cannot be written"), files.making(tmp_path / "a"):
        pass


def test_what_a_killed_process_left_is_removed_and_that_of_a_living_one_kept(tmp_path):
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    (tmp_path / f".a.{done.pid}.tmp").write_bytes(b"dead")
    (tmp_path / f".a.{os.getppid()}.tmp").write_bytes(b"alive")
    files.write(tmp_path / "a", b"a")
    assert {path.name for path in tmp_path.iterdir()} == {"a", f".a.{os.getppid()}.tmp"}


def test_a_small_file_is_read_up_to_its_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert files.read(tmp_path / "a", 5) == b"12345"
    with pytest.raises(FileError, match="has more than 0 MB"):
        files.read(tmp_path / "a", 4)
    with pytest.raises(FileError, match="/dev/zero is a device, not a file"):
        files.read(tmp_path / "/dev/zero", 4)
    with pytest.raises(FileError, match="No such file"):
        files.read(tmp_path / "b", 4)
