"""Makes spyne 2.14 importable on Python 3.12 and later; import this before spyne.

Two things are in the way there. spyne carries its own copy of six, whose lazy modules are found by
``find_module``, which Python 3.12 no longer asks. And spyne imports ``cgi`` for one function, a module
that Python 3.13 does not have and that warns of its end before. Both are mended here without touching
spyne's files.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import warnings
from collections.abc import Sequence
from email.message import Message
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

_MOVED = "spyne.util.six.moves"


class _MovedLoader(Loader):
    """Loads a module that spyne's six knows under another name."""

    def __init__(self, importer: Any) -> None:
        self._importer = importer

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        module: types.ModuleType = self._importer.load_module(spec.name)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing: six has run it already."""


class _MovedFinder(MetaPathFinder):
    """Finds the lazy modules of spyne's six."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MOVED and not fullname.startswith(_MOVED + "."):
            return None
        importer = sys.modules["spyne.util.six"]._importer
        if fullname not in importer.known_modules:
            return None
        return ModuleSpec(fullname, _MovedLoader(importer), is_package=importer.is_package(fullname))


def parse_header(line: str) -> tuple[str, dict[str, str]]:
    """Split a header such as Content-Type into its value and its parameters, as cgi's function did."""
    message = Message()
    message["content-type"] = line
    (value, _), *parameters = message.get_params() or [("", "")]
    return value, dict(parameters)


def _install() -> None:
    if sys.version_info >= (3, 12):
        sys.meta_path.append(_MovedFinder())
    if importlib.util.find_spec("cgi") is not None:
        with warnings.catch_warnings():  # imported here, it does not warn of its end when spyne does
            warnings.simplefilter("ignore", DeprecationWarning)
            importlib.import_module("cgi")
    else:
        module = types.ModuleType("cgi")
        module.parse_header = parse_header  # type: ignore[attr-defined]
        sys.modules["cgi"] = module


_install()
