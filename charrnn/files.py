"""Files that are written whole or not at all."""

import contextlib
import functools
import glob
import os
from collections.abc import Iterator
from pathlib import Path

from charrnn.errors import FileError


def read(path: Path, most: int) -> bytes:
    """Return a small file's bytes. Raises FileError for a device, or for more than a number."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir() or path.is_fifo()):
            raise FileError(f"{path} is a device, not a file", "name a file")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from error
    if len(data) > most:
        raise FileError(f"{path} has more than {most / 1e6:,.0f} MB, the most that can be read")
    return data


def write(path: Path, data: bytes) -> None:
    """Replace a file by new bytes such that a crash leaves the old file or the new one."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def making(path: Path, force: bool = False) -> Iterator[Path]:
    """Give a file to write that appears at a path that a user has named, once it is whole.

    A device or a pipe, which is no file that anybody could lose, is written directly. Raises
    FileError for a path that is taken, before anything is written.
    """
    expect_free(path, force)
    if path.exists() and not path.is_file():
        yield path
        return
    try:
        whole = path.resolve()
    except (OSError, RuntimeError) as error:  # links that lead in a circle
        raise _unwritten(path, error) from error
    with replacing(whole) as temporary:
        yield temporary


def expect_free(path: Path, force: bool = False) -> None:
    """Raise FileError where writing would destroy something, unless that is asked for."""
    if path.is_dir():
        raise FileError(f"{path} is a folder", "name a file")
    if path.is_file() and not force:
        raise FileError(f"{path} already exists", "--force overwrites it; or name another file")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give another file to write, which takes the place of this one once it is whole and synced.

    It has the mode that any new file would have.
    """
    from safetensors import SafetensorError

    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _remove_leftovers(path)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        raise _unwritten(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed have left of this file."""
    with contextlib.suppress(OSError, ValueError):
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
            if not _is_alive(int(left.name.split(".")[-2])):
                left.unlink()


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # for there is no such question
    try:
        os.kill(process, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)  # else it is another user's
    return True


def _unwritten(path: Path, error: Exception) -> FileError:
    reason = getattr(error, "strerror", None) or error
    with contextlib.suppress(OSError):
        if path.exists():
            return FileError(
                f"{path} cannot be written: {reason}",
                "the old file is unchanged",
            )
    return FileError(f"{path} cannot be written: {reason}")


@functools.cache
def _umask() -> int:
    """Return the process's mask of modes, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
