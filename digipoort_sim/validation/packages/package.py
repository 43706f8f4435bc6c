"""A taxonomy package as far as this program needs to know it: its metadata, and what it has a copy of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PackageProblem:
    """Why a package cannot be used.

    Args:
        text_nl: a Dutch sentence.
        text_en: the same in English.
    """

    text_nl: str
    text_en: str


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A document that a package's metadata name as a place to start.

    Args:
        name: what the package calls it.
        document: its URI.
        present: whether the package has a copy of it.
    """

    name: str
    document: str
    present: bool


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A line of the catalog: URIs that begin with `start` are files of the package.

    Args:
        target: what stands in place of `start`: a path from the top of the zip; None for files elsewhere.
    """

    start: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Package:
    """A taxonomy package, or a file that is meant to be one.

    Args:
        path: the zip, or the folder of a package that is not zipped.
        identifier: URI of the package; empty, as all that follows, where it could not be read.
        version: as the publisher gives it.
        publication_date: ``2026-11-21``, or empty.
        problems: all that keeps it from being used; empty for a usable package.
        members: files in it, by their path from the top of the zip.
    """

    path: Path
    identifier: str = ""
    name: str = ""
    version: str = ""
    publisher: str = ""
    publication_date: str = ""
    entrypoints: tuple[EntryPoint, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    problems: tuple[PackageProblem, ...] = ()
    members: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def usable(self) -> bool:
        """Whether contents can be checked with it."""
        return not self.problems

    def has(self, uri: str) -> bool:
        """Whether the catalog leads from a URI to a file in the package."""
        return _location(uri, self.rewrites) in self.members


def holder_of(uri: str, packages: Iterable[Package]) -> Package | None:
    """The package that a URI leads into, among several that are used together.

    The longest start that fits decides, whether the file is there or not; of equal ones the later package.
    Arelle decides the same when it gets the packages in this order.
    """
    best, holder = -1, None
    for package in packages:
        rewrite = _longest(uri, package.rewrites)
        if rewrite is not None and len(rewrite.start) >= best:
            best, holder = len(rewrite.start), package
    return holder if holder is not None and holder.has(uri) else None


def _location(uri: str, rewrites: Iterable[Rewrite]) -> str | None:
    rewrite = _longest(uri, rewrites)
    if rewrite is None or rewrite.target is None:
        return None
    return rewrite.target + uri[len(rewrite.start) :]


def _longest(uri: str, rewrites: Iterable[Rewrite]) -> Rewrite | None:
    fitting = (rewrite for rewrite in rewrites if uri.startswith(rewrite.start))
    return max(fitting, key=lambda rewrite: len(rewrite.start), default=None)
