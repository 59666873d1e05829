"""Learning: the one room that imports torch. Nothing here prints; `train` yields events."""

import os

# libgomp's threads spin while they wait, 75 times slower when two trainings share two cores.
# Let them spin only a little before they sleep: two at once then take about twice the time of
# one, and one alone hardly longer. It is read when torch is imported.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
