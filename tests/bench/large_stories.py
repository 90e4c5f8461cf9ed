"""The articles of a large corpus: sentences of the news-brief language in three languages, by publisher and day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from itertools import islice
from random import Random

from pipeline.newsbrief.generate import Brief, load_grammar, sample
from tests.bench.invented import attributed, invented_name

LANGUAGES = ("en", "ru", "hy")
PUBLISHERS = (
    *("Northern Courier", "Harbour Times", "The Evening Ledger", "Plain Observer"),
    *("Вечерний обзор", "Новости у моря", "Ладожский вестник", "Столичный день"),
    *("Լեռնային լուրեր", "Առավոտյան էջ", "Նոր օրագիր", "Կամուրջ"),
)
"""Four for each language, the first ones with the most articles."""

UNITS_OF_AN_ARTICLE = (14, 26)
_FIRST_MONTH = datetime(2024, 11, 1, tzinfo=timezone.utc)
_SHARE_WITH_ALL_TARGETS = 0.6
_SHARE_ATTRIBUTED = 0.5
_SHARE_COPIED = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article, to be translated to `targets`; each language has the same sentences, and they are parted alike."""

    article_id: str
    revision: int
    url: str
    language: str
    targets: tuple[str, ...]
    publisher: str
    topic: str
    published_at: datetime
    briefs: tuple[Brief, ...]
    paragraphs: tuple[int, ...]
    duplicate_of: str | None = None

    def revised(self, news: Brief) -> Story:
        """Return the next revision: the last sentence is another one."""
        return replace(self, revision=self.revision + 1, briefs=(*self.briefs[:-1], news))


class Stories:
    """Draws articles; the same seed gives the same ones."""

    def __init__(self, random: Random, *, seed: int) -> None:
        self._random = random
        self._n_drawn = 0
        self._last: Story | None = None
        grammar = load_grammar()
        self._briefs = {
            topic: sample(grammar, seed=seed + number, n=10**9, topics={topic})
            for number, topic in enumerate(grammar.topics)
        }

    def draw(self, month: int, n_sentences: int) -> Story:
        """Return the next article, of a day in a month, counted from 0; one in a hundred is nearly the last one."""
        if self._last and self._random.random() < _SHARE_COPIED:
            story = self._copy(self._last)
            self._last = None
        else:
            story = self._last = self._draw(month, n_sentences)
        return story

    def draw_news(self, topic: str) -> Brief:
        """Return a sentence that an article of a topic may be changed by."""
        return next(brief for brief in self._briefs[topic] if brief.kind == "body")

    def _copy(self, original: Story) -> Story:
        """Return the same article late in the day, by another publisher, under another headline."""
        self._n_drawn += 1
        place = PUBLISHERS.index(original.publisher)
        url = f"{original.url.rpartition('-')[0]}-{self._n_drawn}"
        return replace(
            original,
            article_id=sha256(url.encode()).hexdigest()[:16],
            url=url,
            publisher=PUBLISHERS[place // 4 * 4 + (place + 1) % 4],
            published_at=original.published_at.replace(hour=23, minute=58),
            briefs=(self._draw_headline(original.topic), *original.briefs[1:]),
            duplicate_of=original.article_id,
        )

    def _draw(self, month: int, n_sentences: int) -> Story:
        random = self._random
        self._n_drawn += 1
        # Publishers differ in size; four are of each language.
        place = min(random.randrange(12), random.randrange(12))
        language = LANGUAGES[place % 3]
        others = tuple(name for name in LANGUAGES if name != language)
        topic = random.choice(tuple(self._briefs))
        day = month_of(month) + timedelta(days=random.randrange(_n_days(month)), minutes=5 * random.randrange(288))
        url = f"https://{'abcdefghijkl'[place]}.example/{day:%Y/%m}/{topic}-{self._n_drawn}"
        return Story(
            article_id=sha256(url.encode()).hexdigest()[:16],
            revision=1,
            url=url,
            language=language,
            targets=others if random.random() < _SHARE_WITH_ALL_TARGETS else others[:1],
            publisher=PUBLISHERS[place % 3 * 4 + place // 3],
            topic=topic,
            published_at=day,
            briefs=tuple(self._sentences(topic, n_sentences)),
            paragraphs=self._paragraphs(n_sentences),
        )

    def _draw_headline(self, topic: str) -> Brief:
        return next(brief for brief in self._briefs[topic] if brief.kind == "headline")

    def _sentences(self, topic: str, n_sentences: int) -> Iterator[Brief]:
        yield self._draw_headline(topic)
        bodies = (brief for brief in self._briefs[topic] if brief.kind != "headline")
        for brief in islice(bodies, n_sentences - 1):
            is_said = self._random.random() < _SHARE_ATTRIBUTED
            yield attributed(brief, invented_name(self._random)) if is_said else brief

    def _paragraphs(self, n_sentences: int) -> tuple[int, ...]:
        """Return the paragraph of each sentence; the headline is one of its own."""
        paragraphs = [0]
        while len(paragraphs) < n_sentences:
            paragraphs += [paragraphs[-1] + 1] * self._random.randint(1, 4)
        return tuple(paragraphs[:n_sentences])


def month_of(number: int) -> datetime:
    """Return the first moment of a month, counted from 0."""
    months = _FIRST_MONTH.month - 1 + number
    return _FIRST_MONTH.replace(year=_FIRST_MONTH.year + months // 12, month=months % 12 + 1)


def _n_days(number: int) -> int:
    return (month_of(number + 1) - month_of(number)).days
