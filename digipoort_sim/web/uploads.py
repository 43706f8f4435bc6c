"""The body of an upload: small ones in memory, large ones straight into the folder of payloads."""

from __future__ import annotations

import asyncio
import errno
from concurrent.futures import Executor

from starlette.requests import ClientDisconnect, Request

from digipoort_sim.errors import ConfigError, SizeRefusal, TechnicalError
from digipoort_sim.exchange.acceptance import MAXIMUM_CONTENT_BYTES
from digipoort_sim.exchange.service_desk import MAXIMUM_FILE_BYTES
from digipoort_sim.store.payloads import Payload, Payloads, Writing

_SECONDS = 600.0
_AT_ONCE = 1024 * 1024


class Upload:
    """The body of one request.

    Args:
        file: the name that it gets in the folder if it is large.
        threads: where it is written, because a disk may be slow.
    """

    def __init__(self, payloads: Payloads, file: str, threads: Executor) -> None:
        self._payloads = payloads
        self._file = file
        self._threads = threads

    async def receive(self, request: Request) -> tuple[bytes, Payload | None]:
        """The body, or the payload that it has become.

        Raises:
            ConfigError: it did not come whole or in time.
            SizeRefusal: it is larger than the file door takes.
            TechnicalError: the disk is full or fails.
        """
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._received(request)
        except TimeoutError:
            raise ConfigError("the body did not arrive in time", rule="BODY-TIME") from None
        except ClientDisconnect:
            raise ConfigError("the body was cut off", rule="BODY") from None
        except OSError as error:
            full = "the disk is full" if error.errno == errno.ENOSPC else f"the disk fails: {error.strerror}"
            raise TechnicalError(f"the body cannot be kept: {full}", rule="PAYLOAD") from error

    async def _received(self, request: Request) -> tuple[bytes, Payload | None]:
        waiting = bytearray()
        stream = request.stream()
        async for chunk in stream:
            waiting += chunk
            if len(waiting) > MAXIMUM_CONTENT_BYTES:
                break
        else:
            return bytes(waiting), None
        loop = asyncio.get_running_loop()
        context = self._payloads.writing(self._file)
        writing: Writing = await loop.run_in_executor(self._threads, context.__enter__)
        try:
            async for chunk in stream:
                waiting += chunk
                if writing.size + len(waiting) > MAXIMUM_FILE_BYTES:
                    raise SizeRefusal(
                        f"the body is larger than {MAXIMUM_FILE_BYTES} octets", rule="BODY-SIZE"
                    )
                if len(waiting) >= _AT_ONCE:
                    await loop.run_in_executor(self._threads, writing.write, bytes(waiting))
                    waiting.clear()
            await loop.run_in_executor(self._threads, writing.write, bytes(waiting))
        except BaseException as error:
            context.__exit__(type(error), error, error.__traceback__)
            raise
        await loop.run_in_executor(self._threads, context.__exit__, None, None, None)
        return b"", self._payloads.at(self._file, writing.size, writing.sha256)
