"""What a shell offers when Tab is pressed: runs, presets, concepts, corpora."""

from pathlib import Path

CORPORA = ("python", "prose", "nested", "shakespeare", "names", "enwik8", "text8")


def models(incomplete: str) -> list[str]:
    """Return the models that a word may become: runs here, and those that ship with charrnn."""
    return [*_beginning(incomplete, ["demo", "demo:prose"]), *runs(incomplete)]


def runs(incomplete: str) -> list[str]:
    """Return the run folders that a word may become, else files and folders."""
    from charrnn.runs import BEST, FOLDER

    found = sorted(str(path.parent) for path in FOLDER.glob(f"*/{BEST}"))
    return _beginning(incomplete, found) or files(incomplete)


def presets(incomplete: str) -> list[str]:
    """Return the presets that a word may become."""
    from charrnn import config

    return _beginning(incomplete, [*config.presets(), "list"])


def concepts(incomplete: str) -> list[str]:
    """Return the concepts that a word may become."""
    from charrnn.neurons.concepts import built_in

    return _beginning(incomplete, list(built_in("")))


def corpora(incomplete: str) -> list[str]:
    """Return the corpora and the files that a word may become."""
    return [*_beginning(incomplete, list(CORPORA)), *files(incomplete)]


def files(incomplete: str) -> list[str]:
    """Return the files and folders that a word may become."""
    folder = Path(incomplete if incomplete.endswith("/") else Path(incomplete).parent)
    found = [f"{path}/" if path.is_dir() else str(path) for path in sorted(folder.glob("*"))]
    return _beginning(incomplete, found)


def _beginning(incomplete: str, words: list[str]) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]
