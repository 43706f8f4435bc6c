"""Where the project's data files lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def schemas() -> Path:
    """The folder with WSDLs, XSDs and the mandate taxonomy."""
    return _folder("schemas")


def certs() -> Path:
    """The folder with the certificate profile."""
    return _folder("certs")
