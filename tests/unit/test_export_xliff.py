"""XLIFF: built as the standard says, and equal to the corpus when it is read back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.export.base import Material
from pipeline.export.xliff import XLIFF
from tests.exports import PLAIN, hostile_pairs, write_units
from tests.factories import NOW, make_contents, make_story
from tests.folders import write_run

_CORE = "{urn:oasis:names:tc:xliff:document:2.0}"
_METADATA = "{urn:oasis:names:tc:xliff:metadata:2.0}"
# Which elements follow each other inside of another one, and which attributes it has; those in brackets may be missing.
# Source: XLIFF 2.1, 4.2.2 and 5.6.3, as far as it is used here.
_CONTENT = {
    f"{_CORE}xliff": ("(file )+", "version srcLang trgLang"),
    f"{_CORE}file": ("(metadata )?(unit )+", "id xml:space (original)"),
    f"{_CORE}unit": ("(metadata )?(segment )+", "id (name)"),
    f"{_CORE}segment": ("source (target )?", "state"),
    f"{_CORE}source": ("(cp )*", ""),
    f"{_CORE}target": ("(cp )*", ""),
    f"{_CORE}cp": ("", "hex"),
    f"{_METADATA}metadata": ("(metaGroup )+", ""),
    f"{_METADATA}metaGroup": ("(meta )+", "category"),
    f"{_METADATA}meta": ("", "type"),
}
_NAME_TOKEN = re.compile(r"[\w.:-]+")


def exported(corpus: Path, folder: Path, selection: Selection | None = None) -> dict[str, Any]:
    """Return the root of each document by the name of its file, all of them checked."""
    folder.mkdir()
    with Corpus(corpus) as opened:
        XLIFF.write(Material(corpus=opened, selection=selection or Selection(), made_at=NOW), folder)
    parser = etree.XMLParser(huge_tree=True)
    roots = {path.name: etree.parse(path, parser).getroot() for path in sorted(folder.iterdir())}
    for root in roots.values():
        check(root)
    return roots


def check(root: Any) -> None:
    """Assert that a document is built as the standard says."""
    for element in root.iter():
        children, attributes = _CONTENT[element.tag]
        assert re.fullmatch(children, "".join(f"{etree.QName(child).localname} " for child in element)), element.tag
        names = {name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:") for name in element.attrib}
        required = {name for name in attributes.split() if name[0] != "("}
        assert required <= names <= {name.strip("()") for name in attributes.split()}
    files = [file.get("id") for file in root]
    assert len(set(files)) == len(files)
    for file in root:
        units = [unit.get("id") for unit in file.iter(f"{_CORE}unit")]
        assert len(set(units)) == len(units)
        assert all(_NAME_TOKEN.fullmatch(name) for name in (file.get("id"), *units))


def text_of(element: Any) -> str:
    """Return the text of a source or target, with the characters that XML cannot hold."""
    text = element.text or ""
    for point in element:
        text += chr(int(point.get("hex"), 16)) + (point.tail or "")
    return text


def segments(root: Any) -> list[tuple[str, str | None]]:
    pairs = [
        (segment.find(f"{_CORE}source"), segment.find(f"{_CORE}target")) for segment in root.iter(f"{_CORE}segment")
    ]
    return [(text_of(source), None if target is None else text_of(target)) for source, target in pairs]


def metadata(element: Any) -> dict[str, str]:
    return {meta.get("type"): meta.text for meta in element.findall(f"{_METADATA}metadata//{_METADATA}meta")}


def test_hostile_texts_come_back_as_they_were_every_character(tmp_path: Path) -> None:
    pairs = hostile_pairs()
    [root] = exported(write_units(tmp_path / "corpus", *pairs), tmp_path / "xliff").values()
    assert segments(root) == pairs


def test_each_pair_is_a_document_and_each_article_a_file(tmp_path: Path) -> None:
    stories = [make_story(name, targets=("ru", "hy")) for name in ("budget", "law")]
    write_run(tmp_path / "corpus", make_contents(*stories))

    roots = exported(tmp_path / "corpus", tmp_path / "xliff")

    assert {name: (root.get("srcLang"), root.get("trgLang"), len(root)) for name, root in roots.items()} == {
        "en-hy.xlf": ("en", "hy", 2),
        "en-ru.xlf": ("en", "ru", 2),
    }
    assert {file.get("original") for file in roots["en-ru.xlf"]} == {
        "https://news.example/budget",
        "https://news.example/law",
    }
    assert [len(segments(file)) for file in roots["en-ru.xlf"]] == [4, 4]


def test_a_unit_carries_what_is_known_of_it(tmp_path: Path) -> None:
    corpus = write_units(tmp_path / "corpus", PLAIN, flags=["numbers", "untranslated"], source_lang="hy", score=None)

    [root] = exported(corpus, tmp_path / "xliff").values()

    [unit] = root.iter(f"{_CORE}unit")
    assert (unit.get("id"), unit.get("name")) == ("u-656e2d7275000000", "656e2d7275000000")
    assert unit.find(f"{_CORE}segment").get("state") == "translated"
    assert metadata(unit) == {
        "kind": "headline",
        "quality": "0.7788",
        "flags": "numbers untranslated",
        "models": "en_ru@1.9#0123456789ab",
        "source_lang": "hy",
    }
    facts = metadata(root[0])
    assert (facts["article_id"], facts["revision"], facts["run_id"]) == ("656e2d7275000000", "1", "20201114T060000Z")


def test_a_unit_without_a_translation_is_still_to_be_done(tmp_path: Path) -> None:
    [root] = exported(write_units(tmp_path / "corpus", (PLAIN[0], "")), tmp_path / "xliff").values()

    assert segments(root) == [(PLAIN[0], None)]
    assert next(root.iter(f"{_CORE}segment")).get("state") == "initial"


def test_revisions_and_runs_are_files_of_their_own(tmp_path: Path) -> None:
    for revision in (1, 2):
        write_run(tmp_path / "corpus", make_contents(make_story(revision=revision)), signature=f"run|{revision}")

    latest = exported(tmp_path / "corpus", tmp_path / "latest")
    everything = exported(tmp_path / "corpus", tmp_path / "all", Selection(all_revisions=True))

    assert [metadata(file)["revision"] for file in latest["en-ru.xlf"]] == ["2"]
    assert [metadata(file)["revision"] for file in everything["en-ru.xlf"]] == ["1", "2"]


def test_an_empty_corpus_makes_no_document(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "bitext").mkdir(parents=True)
    assert exported(tmp_path / "corpus", tmp_path / "xliff") == {}
