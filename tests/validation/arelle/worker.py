"""A process that holds Arelle with its plugin validate/NL, and judges one file after the other.

It runs as a script: a line of JSON in (file, disclosure system), a line of JSON out (what was said).
"""

from __future__ import annotations

import gc
import json
import sys
from typing import Any

from arelle import Cntlr, FileSource, PluginManager
from arelle.ModelFormulaObject import FormulaOptions


def _controller() -> Any:
    controller = Cntlr.Cntlr(
        hasGui=False, disable_persistent_config=True, logFileName="logToStructuredMessage"
    )
    controller.webCache.workOffline = True
    PluginManager.addPluginModule("validate/NL")
    PluginManager.reset()
    controller.modelManager.validateDisclosureSystem = True
    controller.modelManager.formulaOptions = FormulaOptions()
    return controller


def _codes(controller: Any, file: str, system: str) -> list[str]:
    controller.modelManager.disclosureSystem.select(system)
    messages = controller.logHandler.messages
    messages.clear()
    if controller.modelManager.load(FileSource.openFileSource(file, controller)):
        controller.modelManager.validate()
        controller.modelManager.close()
    return sorted({message["messageCode"] for message in messages})


def main() -> None:
    """Judge until the input ends."""
    controller = _controller()
    # What was loaded by now stays: else the collector goes over all of Arelle after every file.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(_codes(controller, asked["file"], asked["system"])) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
