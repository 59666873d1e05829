"""Well-known public corpora: fetched once over HTTPS, verified, kept in the user's cache."""

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from charrnn.errors import CorpusError

RECIPES = Path(__file__).parent / "recipes"
TIMEOUT_SECONDS = 30
PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class Recipe:
    """Where a corpus lies and how to know that it is the right one.

    size: in bytes, of the file at the address; sha256: of that file.
    member: where the address is a zip archive, the file in it.
    """

    name: str
    title: str
    address: str
    size: int
    sha256: str
    licence: str
    member: str = ""


def load_all() -> dict[str, Recipe]:
    """Return every recipe that ships with charrnn, by name."""
    import yaml

    return {
        path.stem: Recipe(name=path.stem, **yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(RECIPES.glob("*.yaml"))
    }


def cache_folder() -> Path:
    """Return the folder where downloaded corpora are kept."""
    from charrnn import folders

    return folders.cache() / "corpora"


def fetch(recipe: Recipe, folder: Path | None = None) -> Path:
    """Return the corpus's file in the cache, downloading and verifying it the first time.

    Raises CorpusError when offline, or when what came is not what the recipe names.
    """
    folder = folder or cache_folder()
    archive = folder / f"{recipe.name}-{recipe.sha256[:12]}{Path(recipe.address).suffix}"
    if not archive.exists():
        _download(recipe, archive)
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != recipe.sha256:
        raise CorpusError(
            f"{archive} is not the file that the recipe {recipe.name} names: "
            f"sha256 {digest[:12]}… instead of {recipe.sha256[:12]}…",
            "delete it; it will be fetched again",
        )
    return _unpack(archive, recipe.member) if recipe.member else archive


def _download(recipe: Recipe, target: Path) -> None:
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with partial.open("wb") as file:
            for piece in _pieces(recipe.address, at_most=recipe.size + 1):
                digest.update(piece)
                file.write(piece)
        size = partial.stat().st_size
        if (size, digest.hexdigest()) != (recipe.size, recipe.sha256):
            raise CorpusError(
                f"{recipe.address} is not the file that the recipe {recipe.name} names: "
                f"{size:,} bytes, sha256 {digest.hexdigest()[:12]}… "
                f"instead of {recipe.size:,} and {recipe.sha256[:12]}…"
            )
        partial.replace(target)
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        reason = f"{error.code} {reason}" if isinstance(error, HTTPError) else reason
        raise CorpusError(
            f"the corpus {recipe.name} could not be fetched from {recipe.address}: {reason}",
            f"download it another way and put it at {target}, or train on a file of your own",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _pieces(address: str, at_most: int) -> Iterator[bytes]:
    """Yield what an address serves, over HTTPS only, and at most a number of bytes."""
    from urllib.request import urlopen

    with urlopen(address, timeout=TIMEOUT_SECONDS) as response:
        if urlsplit(response.url).scheme != "https":
            raise CorpusError(f"{address} leads to {response.url}, which is not HTTPS")
        while at_most > 0 and (piece := response.read(min(PIECE_BYTES, at_most))):
            at_most -= len(piece)
            yield piece


def _unpack(archive: Path, member: str) -> Path:
    target = archive.with_suffix(".txt")
    if not target.exists():
        partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
        try:
            with zipfile.ZipFile(archive) as opened:
                partial.write_bytes(opened.read(member))
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return target
