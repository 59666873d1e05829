"""Writing new text: prime, step, draw, stop."""
