"""Learning: the one room that imports torch. Nothing here prints; `train` yields events."""
