"""The two files in the META-INF of a taxonomy package: its metadata and its catalog.

Their structure is looked at by two XSDs of our own, which are as strict as those that Arelle uses: a package
that passes here is not refused there.
"""

from __future__ import annotations

import functools
import posixpath
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import urljoin, urlsplit

from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.resources import schemas
from digipoort_sim.validation.findings import shown
from digipoort_sim.validation.packages.package import EntryPoint, Package, PackageProblem, Rewrite

NS_PACKAGE: Final = "http://xbrl.org/2016/taxonomy-package"
NS_CATALOG: Final = "urn:oasis:names:tc:entity:xmlns:xml:catalog"

_TP, _CAT = f"{{{NS_PACKAGE}}}", f"{{{NS_CATALOG}}}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_MAXIMUM_PROBLEMS = 20
_LONGEST = 400

Read = tuple[tuple[Rewrite, ...], tuple[PackageProblem, ...]]


def read_metadata(content: bytes, member: str, package: Package) -> Package:
    """The package with what its taxonomyPackage.xml says of it.

    Args:
        member: path of that file in the package.
        package: with what is known already: members, rewrites, problems.
    """
    root = _tree(content, member, "taxonomiepakket/pakket.xsd", f"{_TP}taxonomyPackage")
    if isinstance(root, tuple):
        return replace(package, problems=package.problems + root)
    problems = tuple(_language_problems(root, member))
    return replace(
        package,
        identifier=_text(root, "identifier"),
        name=_in_english(root, "name") or package.path.stem,
        version=_text(root, "version"),
        publisher=_in_english(root, "publisher"),
        publication_date=_text(root, "publicationDate"),
        entrypoints=tuple(_entrypoints(root, package)),
        problems=package.problems + problems,
    )


def read_catalog(content: bytes | None, member: str) -> Read:
    """The rewrites of a catalog.xml, and what is wrong with it.

    Args:
        content: None where the package has no catalog; then it has no copies of anything.
        member: path of that file in the package.
    """
    if content is None:
        return (), ()
    root = _tree(content, member, "taxonomiepakket/catalogus.xsd", f"{_CAT}catalog")
    if isinstance(root, tuple):
        return (), root
    rewrites: dict[str, Rewrite] = {}
    problems: list[PackageProblem] = []
    for element in root.iter(f"{_CAT}rewriteURI"):
        rewrite = _rewrite(element, member)
        if isinstance(rewrite, PackageProblem):
            problems.append(rewrite)
        elif rewrite.start in rewrites:
            problems.append(_double_start(member, rewrite.start))
        else:
            rewrites[rewrite.start] = rewrite
    return tuple(rewrites.values()), tuple(problems[:_MAXIMUM_PROBLEMS])


def _rewrite(element: etree._Element, member: str) -> Rewrite | PackageProblem:
    """A line of the catalog; a prefix that leads to files outside the package is a problem.

    Arelle would read whatever file of this machine such a prefix points to.
    """
    start, prefix = element.get("uriStartString", ""), element.get("rewritePrefix", "")
    prefix = _base(element) + prefix
    if urlsplit(prefix).scheme in ("http", "https"):
        return Rewrite(start, None)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(member), prefix))
    top = member.partition("/")[0]
    if ":" in prefix or "\\" in prefix or not f"{target}/".startswith(f"{top}/") or not start:
        where = shown(prefix)
        return PackageProblem(
            f"{member}: rewritePrefix {where} leidt niet naar bestanden in het pakket.",
            f"{member}: the rewritePrefix {where} does not lead to files in the package.",
        )
    return Rewrite(start, f"{target}/" if prefix.endswith("/") else target)


def _base(element: etree._Element) -> str:
    bases = [ancestor.get(f"{_XML}base", "") for ancestor in (element, *element.iterancestors())]
    return functools.reduce(lambda inner, outer: inner if inner.startswith("/") else outer + inner, bases)


def _entrypoints(root: etree._Element, package: Package) -> Iterator[EntryPoint]:
    for entrypoint in root.iterfind(f"{_TP}entryPoints/{_TP}entryPoint"):
        name = _in_english(entrypoint, "name")
        for document in entrypoint.iterfind(f"{_TP}entryPointDocument"):
            uri = urljoin(document.get(f"{_XML}base", ""), document.get("href", ""))
            yield EntryPoint(name, uri, package.has(uri))


def _text(parent: etree._Element, name: str) -> str:
    return shown((parent.findtext(f"{_TP}{name}") or "").strip(), _LONGEST)


def _in_english(parent: etree._Element, name: str) -> str:
    """The text in English, else in Dutch, else the first one."""
    by_language = {_language(e)[:2].lower(): (e.text or "").strip() for e in parent.iterfind(f"{_TP}{name}")}
    texts = (by_language.get("en"), by_language.get("nl"), *by_language.values())
    return shown(next((text for text in texts if text), ""), _LONGEST)


def _language(element: etree._Element) -> str:
    chain = (element, *element.iterancestors())
    return next((language for e in chain if (language := e.get(f"{_XML}lang"))), "")


def _language_problems(root: etree._Element, member: str) -> Iterator[PackageProblem]:
    """Names and descriptions have a language, and only one of each stands in a place."""
    for parent in root.iter(f"{_TP}*"):
        for name in ("name", "description", "publisher"):
            languages = [_language(element) for element in parent.iterfind(f"{_TP}{name}")]
            if "" in languages:
                yield PackageProblem(
                    f"{member}: een element {name} heeft geen taal (xml:lang).",
                    f"{member}: an element {name} has no language (xml:lang).",
                )
                return
            if len(languages) != len(set(languages)):
                yield PackageProblem(
                    f"{member}: een element {name} staat er twee keer in dezelfde taal.",
                    f"{member}: an element {name} stands twice in the same language.",
                )
                return


def _tree(content: bytes, member: str, schema: str, tag: str) -> etree._Element | tuple[PackageProblem, ...]:
    """The tree of a file of META-INF that its XSD has nothing against."""
    try:
        root = xml_names.parsed(content, _parsed)
    except (etree.XMLSyntaxError, ValueError) as error:
        why = shown(str(error), _LONGEST)
        nl, en = "is geen welgevormd XML", "is not well-formed XML"
        return (PackageProblem(f"{member} {nl}: {why}.", f"{member} {en}: {why}."),)
    if root.getroottree().docinfo.internalDTD is not None:
        nl, en = f"{member} heeft een DOCTYPE; dat mag niet.", f"{member} has a DOCTYPE; that is not allowed."
        return (PackageProblem(nl, en),)
    if root.tag != tag:
        return (_wrong_root(member, str(root.tag), tag),)
    return tuple(_schema_problems(root, member, schema)) or root


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(content, parser)


def _wrong_root(member: str, found: str, tag: str) -> PackageProblem:
    name = shown(found)
    return PackageProblem(
        f"{member}: het rootelement is {name}, niet {tag}. (Ontwerpen van voor Taxonomy Packages 1.0 worden "
        "niet gelezen, ook niet door Arelle.)",
        f"{member}: the root element is {name}, not {tag}. (Drafts from before Taxonomy Packages 1.0 are not "
        "read, by Arelle neither.)",
    )


def _schema_problems(root: etree._Element, member: str, schema: str) -> Iterator[PackageProblem]:
    with _SCHEMAS_LOCK:  # lxml keeps the errors on the schema object
        compiled = _schema(schema)
        if compiled.validate(root):
            return
        log = cast(Any, compiled.error_log)
        errors = [(entry.line, entry.message) for entry in log][:_MAXIMUM_PROBLEMS]
    for line, message in errors:
        why = shown(message.rstrip("."), _LONGEST)
        yield PackageProblem(f"{member}, regel {line}: {why}.", f"{member}, line {line}: {why}.")


_SCHEMAS_LOCK = threading.Lock()


@functools.cache
def _schema(schema: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(schemas() / schema))


def _double_start(member: str, start: str) -> PackageProblem:
    return PackageProblem(
        f"{member}: uriStartString {shown(start)} staat er twee keer.",
        f"{member}: the uriStartString {shown(start)} stands there twice.",
    )
