"""One taxonomy process, seen from the server: it is started, asked and ended."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final

from digipoort_sim.validation.taxonomy.frames import HEAD, BrokenFrameError, json_frame, json_of, length_of

WORKER: Final = (sys.executable, "-P", "-m", "digipoort_sim.validation.taxonomy.worker")
START_SECONDS: Final = 60.0
"""Time for a process to load Arelle; it takes about one second."""

_ROOT = Path(__file__).resolve().parents[3]
_CHUNK = 1 << 16
_KEPT_OF_ERRORS = 2_000
_STOP_SECONDS = 2.0
_LOOK_SECONDS = 1.0
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class ChildDiedError(Exception):
    """The process ended, or wrote what is no answer; its last words are the text."""


class ChildLateError(Exception):
    """There was no answer in time; the process is to be killed."""


class Child:
    """A process; used by one thread at a time, but killed by any.

    It gets nothing of the server but its end of three pipes, and a folder of its own.

    Args:
        command: what is started.
        settings: gives the first frame it gets, for the folder that will be its own.

    Raises:
        ChildDiedError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], settings: Callable[[Path], dict[str, Any]]) -> None:
        self._folder = tempfile.mkdtemp(prefix="digipoort-sim-taxonomy-")
        self._out = bytearray()
        self._errors = bytearray()
        self._started = time.monotonic()
        self.questions = 0
        self.memory = 0
        self.entrypoints: set[str] = set()
        self._ready = False
        try:
            self._unsent = bytearray(json_frame(settings(Path(self._folder))))
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                list(command),
                **_pipes(),
                cwd=self._folder,
                env=_environment(self._folder),
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ChildDiedError(str(error)) from error
        self._stdin, self._stdout, self._stderr = (
            _opened(pipe) for pipe in (self._process.stdin, self._process.stdout, self._process.stderr)
        )

    @property
    def pid(self) -> int:
        """Its process id, and that of its group."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal; None as long as it lives."""
        return self._process.poll()

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.status is None

    def ask(self, question: bytes, seconds: float) -> dict[str, Any]:
        """The answer to a question.

        Args:
            question: its frames.
            seconds: time for the answer, from when the process is ready.

        Raises:
            ChildDiedError: it ended, or wrote what is no answer.
            ChildLateError: there is no answer yet.
        """
        try:
            if not self._ready:
                json_of(self._next_frame(self._started + START_SECONDS))
                self._ready = True
            self._unsent += question
            answer = json_of(self._next_frame(time.monotonic() + seconds))
        except (BrokenFrameError, BrokenPipeError) as error:
            raise ChildDiedError(f"{error} {self._last_words()}".strip()) from error
        self.questions += 1
        self.memory = int(answer.get("memory", 0))
        return answer

    def kill(self) -> None:
        """End it and all that it has started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Let it end, or end it; the pipes are closed and its folder is gone afterwards."""
        process = self._process
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            process.wait(_STOP_SECONDS if self._ready else 0)
        except subprocess.TimeoutExpired:
            self.kill()
            process.wait()
        self.kill()  # what it may have left in its group
        for pipe in (self._stdout, self._stderr):
            pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _next_frame(self, deadline: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ, self._receive)
            selector.register(self._stderr, selectors.EVENT_READ, self._listen)
            if self._unsent:
                selector.register(self._stdin, selectors.EVENT_WRITE, self._send)
            while (content := self._taken()) is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ChildLateError(self._last_words())
                events = selector.select(min(left, _LOOK_SECONDS))
                if not events and not self.lives:  # a fork of it may still hold the pipes
                    raise BrokenFrameError("it ended.")
                for key, _ in events:
                    if not key.data():
                        selector.unregister(key.fileobj)
        return content

    def _send(self) -> bool:
        """Send what the pipe takes; false when there is no more."""
        sent = os.write(self._stdin.fileno(), self._unsent[:_CHUNK])
        del self._unsent[:sent]
        return bool(self._unsent)

    def _receive(self) -> bool:
        part = os.read(self._stdout.fileno(), _CHUNK)
        if not part:
            raise BrokenFrameError("it ended.")
        self._out += part
        return True

    def _listen(self) -> bool:
        """Keep the last of what it writes to its standard error; false at the pipe's end."""
        part = os.read(self._stderr.fileno(), _CHUNK)
        self._errors += part
        del self._errors[:-_KEPT_OF_ERRORS]
        return bool(part)

    def _taken(self) -> bytes | None:
        """A frame that has come whole."""
        if len(self._out) < HEAD.size:
            return None
        end = HEAD.size + length_of(bytes(self._out[: HEAD.size]))
        if len(self._out) < end:
            return None
        content = bytes(self._out[HEAD.size : end])
        del self._out[:end]
        return content

    def _last_words(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            while self._listen():
                pass
        return self._errors.decode("utf-8", "replace").strip()


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    os.set_blocking(pipe.fileno(), False)
    return pipe


def _pipes() -> dict[str, Any]:
    return {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0}


def _environment(folder: str) -> dict[str, str]:
    """The few variables that a process gets: none of the user's settings of Arelle, Python or a proxy."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    private = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), folder)
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**kept, **private, **threads, "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(paths)}
