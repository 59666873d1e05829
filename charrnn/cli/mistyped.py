"""What to say when something was typed wrong: in our words, with what is near."""

from difflib import get_close_matches
from typing import Any

from charrnn.errors import ALIKE

REWORDED = {  # what typer's library says of values
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "not a whole number",
    "Input should be a valid number, unable to parse string as a number": "not a number",
    "Input should be": "it must be",
}
SYNONYMS = {  # names in other tools, or that people try
    "--model": "--backbone",
    "--cell": "--backbone",
    "--rnn-type": "--backbone",
    "--rnn-size": "--hidden",
    "--hidden-size": "--hidden",
    "--units": "--hidden",
    "--num-layers": "--layers",
    "--batch-size": "--batch",
    "--seq-length": "--sequence",
    "--max-epochs": "--epochs",
    "--checkpoint-every": "--keep",
    "--gpuid": "--device",
    "--gpu": "--device",
    "--primetext": "--prompt",
    "--start-text": "--prompt",
    "--sample": "--samples",
    "--verbose": "",
}


def said_better(error: Any, command: str) -> tuple[str, str]:
    """Return what to print for an error of typer's: what is wrong, and what to type."""
    message = error.format_message()
    for theirs, ours in REWORDED.items():
        message = message.replace(theirs, ours)
    usual = f"{command} --help"
    if name := getattr(error, "option_name", ""):
        if hasattr(error, "possibilities"):
            return f"there is no option {name}", _near(error, name) or usual
    elif message.startswith("No such command"):
        typed = message.split("'")[1] if "'" in message else ""
        known = list(getattr(error.ctx.command, "commands", {}))
        near = nearest(typed, known)
        return f"there is no command {typed!r}", f"{command} {near}" if near else usual
    return message, usual


def nearest(word: str, known: list[str]) -> str:
    """Return the one of some words that is a letter or two from what was typed, or ""."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=ALIKE)), "")


def _near(error: Any, name: str) -> str:
    """Return the option that is near, or is known elsewhere by that name, with what it does."""
    options = {
        opt: param.help
        for param in error.ctx.command.params
        for opt in (*param.opts, *param.secondary_opts)
        if param.param_type_name == "option" and not param.hidden
    }
    typed = name.replace("_", "-")
    wanted = SYNONYMS.get(typed, "")
    near = wanted if wanted in options else nearest(typed, list(options))
    return f"{near}: {options[near]}" if near else ""
