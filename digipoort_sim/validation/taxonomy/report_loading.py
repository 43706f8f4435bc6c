"""A report package in Arelle, in the process that runs Arelle: all its documents as one document set."""

from __future__ import annotations

import os
from typing import Any, Final

REPORT: Final = "bericht.xbri"
"""Name of the file in which a report package is given to Arelle; its folder is the current one."""

_PLUGIN = "inlineXbrlDocumentSet"
_SET = "_IXDS#?#"
_NEXT = "#?#"


def prepare_reports(manager: Any) -> None:
    """Let Arelle know document sets; before anything of a sender is read."""
    from arelle import PluginManager

    if PluginManager.addPluginModule(_PLUGIN):
        PluginManager.reset()
        manager.customTransforms = None
        manager.loadCustomTransforms()


def open_report(controller: Any, model: Any) -> tuple[str, tuple[str, ...]]:
    """Open the package in the file `REPORT` for a model.

    Returns:
        what the model is to load, and the names of the documents without their folders.

    Raises:
        ValueError: Arelle finds no report in it.
    """
    from arelle.FileSource import FileSource

    source = FileSource(os.path.abspath(REPORT), controller)
    source.open()
    if source.isTaxonomyPackage:
        source.loadTaxonomyPackageMappings()
    package = source.reportPackage
    if package is None or not package.reports:
        raise ValueError("there is no report in the package")
    files = package.reports[0].fullPathFiles
    model.fileSource = source
    return f"{os.path.dirname(files[0])}/{_SET}{_NEXT.join(files)}", tuple(map(os.path.basename, files))
