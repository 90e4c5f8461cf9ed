from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from pipeline.identify import canonical_url, identify
from pipeline.ingest.dates import parse_date
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.jsonl import read_jsonl
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, IdentifiedArticle, Paragraph, Reject
from tests.archives import zip_bytes
from tests.packing import PACKERS, outcome, read_bytes, tar_bytes

ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\n\r\x00\u0301\ud800\u2028 \x85"), max_size=60)
CODECS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8_r"])
ENCODED_TEXT = st.builds(lambda text, codec: text.encode(codec, "ignore"), ANY_TEXT, CODECS)
RECORDS = st.dictionaries(
    st.sampled_from(["url", "title", "text", "paragraphs", "published_at", "publisher", "language"]),
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.lists(ANY_TEXT, max_size=3),
)
LINES = st.builds(lambda record, is_ascii: json.dumps(record, ensure_ascii=is_ascii), RECORDS, st.booleans())
ENCODED_LINES = st.builds(
    lambda lines, codec: "\n".join(lines).encode(codec, "ignore"), st.lists(LINES, max_size=4), CODECS
)
ANY_BYTES = st.binary(max_size=300) | ENCODED_TEXT | ENCODED_LINES


PACKED = st.builds(lambda pack, data: pack(data), st.sampled_from([*PACKERS.values(), bytes]), ANY_BYTES)
ARCHIVES = st.builds(
    lambda pack, compress, files: compress(pack(files)),
    st.sampled_from([zip_bytes, tar_bytes]),
    st.sampled_from([*PACKERS.values(), bytes]),
    st.dictionaries(st.sampled_from(["a.txt", "b.jsonl", "c.txt.gz", "d", "e.zip", "f.tar"]), PACKED, max_size=3),
)


def read(data: bytes, name: str) -> list[Article | Reject]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        from_file = list(ArticleReader(find_inputs([str(path)]).files))
    if name == "-":
        assert outcome(read_bytes(data)) == [
            (uri.replace(str(path), "-"), reason) for uri, reason in outcome(from_file)
        ]
    return from_file


@given(PACKED, st.sampled_from(["-", "a.txt", "a.jsonl", "a.txt.gz", "a.zip", "a.tar"]))
def test_any_bytes_end_as_articles_or_rejects(data: bytes, name: str) -> None:
    items = read(data, name)

    assert items
    assert all(isinstance(identify(item), IdentifiedArticle) for item in items if isinstance(item, Article))


@given(PACKED | ARCHIVES, st.integers(min_value=0), st.binary(max_size=9))
def test_damaged_packing_never_raises(data: bytes, where: int, damage: bytes) -> None:
    where %= max(1, len(data))

    assert read(data[:where] + damage, "-")
    assert read(data[:where] + damage + data[where + len(damage) :], "-")


@given(st.lists(LINES | st.text(max_size=20) | st.just(" "), max_size=6))
def test_every_line_ends_as_article_or_reject(lines: list[str]) -> None:
    data = "\n".join(line.replace("\n", " ") for line in lines).encode("utf-8", "replace")
    expected = [number for number, line in enumerate(data.split(b"\n"), start=1) if line.strip()]

    items = list(read_jsonl(b'{"text": "a"}', iter([data]), source_uri="day.jsonl"))

    if expected:
        assert [item.source_uri for item in items] == [f"day.jsonl#{number}" for number in expected]
    else:
        assert [item.source_uri for item in items] == ["day.jsonl"]


@given(ENCODED_LINES, st.integers(min_value=1, max_value=40))
def test_sizes_of_pieces_change_nothing(data: bytes, size: int) -> None:
    pieces = (data[start : start + size] for start in range(0, len(data), size))

    assert list(read_jsonl(data, pieces, source_uri="a")) == list(read_jsonl(data, iter([data]), source_uri="a"))


@given(st.lists(st.tuples(ANY_TEXT, st.sampled_from(["headline", "caption", "body"])), max_size=5), ANY_TEXT)
def test_spans_are_exact(paragraphs: list[tuple[str, str]], url: str) -> None:
    source = Article(
        source_uri="a",
        paragraphs=tuple(Paragraph(text=text, kind=kind) for text, kind in paragraphs),  # type: ignore[arg-type]
        url=url,
    )

    result = identify(source)

    if isinstance(result, Reject):
        assert not "".join(text for text, _ in paragraphs).strip()
        return
    slices = [result.text[span.start : span.end] for span in result.paragraphs]
    assert "\n\n".join(slices) == result.text
    assert result.text.split("\n\n") == slices
    assert all(piece and piece == piece.strip() for piece in slices)
    assert unicodedata.is_normalized("NFC", result.text)
    assert "\x00" not in result.text
    assert result.text.encode().decode() == result.text


@given(ANY_TEXT)
def test_identifying_again_changes_nothing(text: str) -> None:
    first = identify(Article(source_uri="a", paragraphs=(Paragraph(text=text),)))

    if isinstance(first, IdentifiedArticle):
        assert identify(Article(source_uri="a", paragraphs=(Paragraph(text=first.text),))) == first


@given(st.text() | st.from_regex(r"\A[hH]ttps?://[^ ]*\Z"))
def test_canonical_url_is_stable(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(datetime.isoformat))
def test_any_date_is_utc_or_none(value: object) -> None:
    date = parse_date(value)

    assert date is None or date.utcoffset() is not None
