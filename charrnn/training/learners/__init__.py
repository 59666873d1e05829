"""How weights move: a file a learner, each with `advance`, `state` and `load`."""
