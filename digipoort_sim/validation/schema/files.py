"""Where XSDs lie, and whether one can be used: all that it needs is there, and nothing on a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from lxml import etree

from digipoort_sim.errors import ConfigError

MAXIMUM_FILES: Final = 500
MAXIMUM_FILE_BYTES: Final = 33_554_432

_XS = "{http://www.w3.org/2001/XMLSchema}"
_POINTERS = (f"{_XS}import", f"{_XS}include", f"{_XS}redefine")


def found_schema(folders: Sequence[Path], schema: str) -> Path | None:
    """Where a schema is: in the first of the folders that has it.

    Args:
        schema: an absolute path, or one relative to a folder.
    """
    paths = (folder / schema for folder in folders)
    return next((path for path in paths if path.is_file()), None)


def check_schema_files(path: Path, folders: Sequence[Path]) -> None:
    """Look at an XSD and all that it imports and includes, before a library does.

    libxml2 leaves out an import that it cannot read, and then complains of what it does not know; and no
    schema may make the simulator read from a network, or outside of the folder that it lies in.

    Args:
        folders: all that it points to must be in the one of them that it is in, or else in its own.

    Raises:
        ConfigError: a file is not there, cannot be read, is no XSD or lies elsewhere.
    """
    folder = _home(path.resolve(), folders)
    namespaces, elsewhere = set[str](), dict[str, str]()
    seen, waiting = set[Path](), [path.resolve()]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if len(seen) > MAXIMUM_FILES:
            raise _unusable(path, f"it needs more than {MAXIMUM_FILES} files")
        root = _root_of(path, current)
        namespaces.add(root.get("targetNamespace") or "")
        for namespace, location in _pointers(root):
            if _is_remote(location):
                elsewhere.setdefault(namespace, f"{current.name} points to {location[:200]}")
            else:
                waiting.append(_target(path, current, location, folder))
    for namespace, where in elsewhere.items():
        if namespace not in namespaces:
            raise _unusable(
                path, f"{where}, and nothing is read from a network: save it beside and name it so"
            )


def _home(path: Path, folders: Sequence[Path]) -> Path:
    homes = (folder.resolve() for folder in folders)
    return next((home for home in homes if path.is_relative_to(home)), path.parent)


def _pointers(root: etree._Element) -> Iterator[tuple[str, str]]:
    """The namespace and the location of all that a schema imports and includes."""
    for pointer in root.iterchildren(*_POINTERS):
        location = (pointer.get("schemaLocation") or "").strip()
        if location:
            yield (pointer.get("namespace") or root.get("targetNamespace") or ""), location


def _is_remote(location: str) -> bool:
    return ":" in location.partition("/")[0] or location.startswith("//")


def _target(schema: Path, path: Path, location: str, folder: Path) -> Path:
    target = (path.parent / location).resolve()
    where = f"{path.name} points to {location[:200]}"
    if not target.is_relative_to(folder):
        raise _unusable(schema, f"{where}, outside of the folder {folder}")
    if not target.is_file():
        raise _unusable(schema, f"{where}, which is not there")
    return target


def _root_of(schema: Path, path: Path) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        if path.stat().st_size > MAXIMUM_FILE_BYTES:
            raise _unusable(schema, f"{path.name} is larger than {MAXIMUM_FILE_BYTES} octets")
        root = etree.fromstring(path.read_bytes(), parser)
    except OSError as error:
        raise _unusable(schema, f"{path.name} cannot be read ({error.strerror})") from error
    except etree.XMLSyntaxError as error:
        raise _unusable(schema, f"{path.name} is no well-formed XML ({error.msg})") from error
    if root.tag != f"{_XS}schema":
        raise _unusable(schema, f"{path.name} is no XSD: its root element is not xs:schema")
    return root


def _unusable(schema: Path, reason: str) -> ConfigError:
    return ConfigError(f"The schema {schema.name} cannot be used: {reason}.", rule="SCHEMA")
