"""Title and publisher of articles with hits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.corpus.sql import literals
from pipeline.search.hits import Unit

About = tuple[str | None, str | None]

_COLUMNS = "article_id, title, publisher"


def about_articles(corpus: Corpus, units: Sequence[Unit]) -> dict[str, About]:
    """Return title and publisher of the articles that units are of, by their id; as in the latest revision."""
    wanted = {unit.article_id for unit in units}
    days = {unit.date for unit in units}
    # Few files are opened much faster than all of them.
    paths = [path for path in corpus.files("articles") if path.parent.name.removeprefix("date=") in days]
    found = dict(_rows(corpus, corpus.files_sql("articles", paths, Selection(), _COLUMNS), wanted))
    # Where a later revision has another date, the article is filed elsewhere.
    if missing := wanted - found.keys():
        found.update(_rows(corpus, corpus.sql("articles", Selection(), _COLUMNS), missing))
    return found


def _rows(corpus: Corpus, sql: str, wanted: Iterable[str]) -> Iterator[tuple[str, About]]:
    ids = literals(sorted(wanted))
    for article_id, title, publisher in corpus.query(f"SELECT * FROM ({sql}) WHERE article_id IN ({ids})"):
        yield article_id, (title, publisher)
