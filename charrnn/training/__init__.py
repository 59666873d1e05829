"""Learning: the one package that imports torch. Nothing here prints; `train` yields events."""

import contextlib
import ctypes

# Large arrays that are freed go back to the system at once. glibc would raise the size from which
# they do with each one freed, up to 32 MB, and keep holes between smaller ones.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, LARGE_BYTES = -1, -3, 4 << 20
with contextlib.suppress(AttributeError, OSError, TypeError):  # neither Linux nor glibc
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
    # Setting the one ends the adapting of the other: without it every step would give the top of
    # the heap back and ask for it again, which takes a seventh of the time.
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 64 * LARGE_BYTES)
