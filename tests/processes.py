"""The program in processes of its own, without importing torch and numba in each of them.

A server imports them once, and forks itself for each command. What it forks has its own folder,
environment, streams and exit code, as a process that was just started has. What a start itself
does (imports, code that is compiled and kept, the interpreter's own variables) needs a process
that was started: `fresh=True`, which is also what happens where processes are not forked.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECONDS = 120  # that a command may take
PRELOADED = (
    "charrnn.api", "charrnn.cli.app", "charrnn.settled", "charrnn.show.live", "charrnn.show.neuron",
    "charrnn.training.kernels.layer", "charrnn.training.trainer", "plotext", "pydantic", "zoneinfo",
)  # fmt: skip
SERVER = "import sys; sys.path.append({!r}); from tests import processes; processes.serve({})"
AT_START = ("PYTHON", "XDG_CACHE_HOME", "OMP_", "OPENBLAS_", "NUMBA_")  # variables read only then


def run(
    *arguments: str | Path,
    cwd: Path,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    fresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with a text on stdin, and return what it did."""
    return Process(*arguments, cwd=cwd, stdin=stdin, env=env, fresh=fresh).end()


class Process:
    """A command that runs in a process that was forked, or started afresh; it prints into files."""

    def __init__(
        self,
        *arguments: str | Path,
        cwd: Path,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        self.arguments, env = [*map(str, arguments)], dict(env or os.environ)
        self.printed = [tempfile.TemporaryFile("w+", encoding="utf-8") for _ in "12"]  # noqa: SIM115
        reader, writer = os.pipe()
        streams = [reader, *(file.fileno() for file in self.printed)]
        self.started: subprocess.Popen[bytes] | None = None
        if fresh or sys.platform != "linux":
            command = [sys.executable, "-m", "charrnn", *self.arguments]
            into = dict(zip(("stdin", "stdout", "stderr"), streams, strict=True))
            self.started = subprocess.Popen(command, cwd=cwd, env=env, **into)
            self.pid = self.started.pid
        else:
            asked = {"arguments": self.arguments, "cwd": str(cwd), "env": env}
            socket.send_fds(server(), [json.dumps(asked).encode()], streams)
            self.pid = json.loads(server().recv(100))
        os.close(reader)
        threading.Thread(target=_write, args=(writer, stdin)).start()

    def end(self) -> subprocess.CompletedProcess[str]:
        """Wait until the process has ended, and return what it did; it is killed after SECONDS."""
        try:
            code = self.started.wait(SECONDS) if self.started else self._code()
        except (TimeoutError, subprocess.TimeoutExpired):
            os.kill(self.pid, signal.SIGKILL)
            self.started.wait() if self.started else server().recv(100)
            raise
        texts = []
        for file in self.printed:
            file.seek(0)
            texts.append(file.read())
            file.close()
        return subprocess.CompletedProcess(self.arguments, code, *texts)

    def _code(self) -> int:
        """Ask the server for the exit code."""
        server().send(json.dumps(self.pid).encode())
        code: int = json.loads(server().recv(100))
        return code


def _write(pipe: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError), open(pipe, "w", encoding="utf-8") as file:
        file.write(text)


@functools.cache
def server() -> socket.socket:
    """Return the socket of this process's server, which is started when it is first asked for."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER.format(str(ROOT), theirs.fileno())],
        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    theirs.close()
    ours.settimeout(SECONDS)

    def stop() -> None:
        ours.close()
        process.wait()

    atexit.register(stop)
    return ours


def serve(descriptor: int) -> None:
    """Fork a process for each command that is asked for; a number asks for the end of one."""
    client = socket.socket(fileno=descriptor)
    for name in PRELOADED:
        importlib.import_module(name)
    os.fsync = lambda descriptor: None  # as in conftest
    gc.freeze()  # so that collecting garbage does not copy the pages that are shared
    while True:
        message, streams, *_ = socket.recv_fds(client, 1 << 20, 3)
        if not message:
            return
        asked = json.loads(message)
        if isinstance(asked, int):
            _, status = os.waitpid(asked, 0)
            client.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())
            continue
        pid = os.fork()
        if not pid:
            client.close()
            os._exit(_become(asked, streams))  # to tear down what was imported takes half a second
        client.send(json.dumps(pid).encode())
        for stream in streams:
            os.close(stream)


def _become(asked: dict, streams: list[int]) -> int:
    """Do what `python -m charrnn` does, in the process that this one now is; return its code."""
    from charrnn.cli import watch

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    watch.STARTED = time.perf_counter()
    sys.argv = ["charrnn", *asked["arguments"]]
    code: int | None = 1
    try:
        runpy.run_module("charrnn", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]  # the command gives numbers
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0
