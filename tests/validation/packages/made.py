"""Taxonomy packages for the tests: good ones, and ones that are wrong in one place."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

START = "http://taxonomy.example/2026/"


def metadata(
    *,
    identifier: str = "urn:trial",
    date: str = "2026-01-01",
    documents: Sequence[str] = (f"{START}report.xsd",),
    more: str = "",
) -> str:
    """The text of a taxonomyPackage.xml.

    Args:
        documents: of the entry point.
        more: elements behind its metadata.
    """
    listed = "".join(f'<entryPointDocument href="{document}"/>' for document in documents)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<taxonomyPackage xmlns="http://xbrl.org/2016/taxonomy-package" xml:lang="en">
  <identifier>{identifier}</identifier><name>Trial</name><name xml:lang="nl">Proef</name>
  <version>1.2</version><publisher>Somebody</publisher><publicationDate>{date}</publicationDate>
  <entryPoints><entryPoint><name>Report</name>{listed}</entryPoint></entryPoints>{more}
</taxonomyPackage>"""


def catalog(*rewrites: tuple[str, str], base: str = "") -> str:
    """The text of a catalog.xml."""
    lines = "".join(f'<rewriteURI uriStartString="{a}" rewritePrefix="{b}"/>' for a, b in rewrites)
    return f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"{base}>{lines}</catalog>'


def package_files(
    members: Mapping[str, bytes] | None = None,
    *,
    identifier: str = "urn:trial",
    date: str = "2026-01-01",
    top: str = "trial",
    start: str = START,
) -> dict[str, bytes]:
    """The members of a package whose catalog leads from `start` to its folder ``files``."""
    files = members or {"report.xsd": b"<a/>"}
    documents = [start + name for name in files]
    return {
        f"{top}/META-INF/taxonomyPackage.xml": metadata(
            identifier=identifier, date=date, documents=documents
        ).encode(),
        f"{top}/META-INF/catalog.xml": catalog((start, "../files/")).encode(),
        **{f"{top}/files/{name}": content for name, content in files.items()},
    }


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def package_zip(
    path: Path, members: Mapping[str, bytes] | None = None, *, identifier: str = "urn:trial"
) -> Path:
    """A good package."""
    return write_zip(path, package_files(members, identifier=identifier))
