"""The program ``digipoort-sim``: runs a command and turns what goes wrong into one line and an exit code.

===  ==============================================================================
0    good
2    a bad option, argument or setting, nothing by that name, or no server to reach
3    refused: the message got an error status, or it cannot be done in the present state
4    fault: a SOAP fault, or trouble in the server
130  interrupted
===  ==============================================================================
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from digipoort_sim.errors import ConflictError, DigipoortSimError, Refusal, TechnicalError

if TYPE_CHECKING:
    from typer.exceptions import TyperException

BAD_OPTION, REFUSED, FAULT, INTERRUPTED = 2, 3, 4, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code.

    Args:
        arguments: those after the program's name; by default the process's own.
    """
    import typer
    from typer.exceptions import TyperException

    from digipoort_sim.cli.application import application

    try:
        result = application()(
            args=list(sys.argv[1:] if arguments is None else arguments) or ["--help"],
            prog_name="digipoort-sim",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except TyperException as error:
        return _say(_with_help(error), BAD_OPTION)
    except DigipoortSimError as error:
        return _say(error.detail, exit_code_of(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return 0
    except OSError as error:
        return _say(f"{error.filename or 'the machine'}: {error.strerror or error}", BAD_OPTION)
    return result if isinstance(result, int) else 0


def exit_code_of(error: DigipoortSimError) -> int:
    """The exit code that an error of the program stands for."""
    if isinstance(error, TechnicalError):
        return FAULT
    return REFUSED if isinstance(error, ConflictError | Refusal) else BAD_OPTION


def _with_help(error: TyperException) -> str:
    """What is wrong, and the help of which command tells more."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    return message if context is None else f"{message} (see: {context.command_path} --help)"


def _say(text: str, code: int) -> int:
    from digipoort_sim.terminal import visible

    line = visible(" ".join(text.split()))
    print(f"digipoort-sim: {line}", file=sys.stderr)
    return code


def _close_stdout() -> None:
    """The reader went away; nothing is to be written at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
