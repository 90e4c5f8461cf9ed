"""Translating the texts of a whole shard: unique, remembered, routed, decoded as few large jobs.

A job is begun and finished apart: while the workers decode one shard, the main thread reads the next and begins it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import DecodingSettings
from pipeline.decode.engine import Engine, count_workers, load_weights
from pipeline.decode.hypothesis import Hypothesis, KeyMaker, Memory
from pipeline.decode.job import Fetch, Lane, Source, Step, Translation, TranslationJob
from pipeline.decode.queue import DecodeQueue, Decoding
from pipeline.decode.rescue import VERSION as RESCUE_VERSION
from pipeline.decode.rescue import Choice, rescued
from pipeline.decode.ways import FIRST, Way
from pipeline.errors import ModelError
from pipeline.models.package import ModelPackage
from pipeline.models.registry import ModelSet
from pipeline.models.routes import Route
from pipeline.progress import Progress, Silence
from pipeline.types import LanguagePair

_LINE_BREAKS_AND_BLANKS = re.compile(r"[ \t\n]+")


class Request(NamedTuple):
    """A text to be translated."""

    pair: LanguagePair
    text: str


Translations = Mapping[LanguagePair, Mapping[str, Translation]]
"""Translations by pair and source text."""


class Translator:
    """The models of a set, loaded when first needed, with a memory.

    Args:
        models: the packages.
        settings: how to decode.
        memory: asked before anything is decoded; None: every shard decodes all of its texts.
        progress: hears of texts done, shard by shard.
        is_rescuing: whether what comes out bad is decoded again in other ways, see `pipeline.decode.rescue`.
        unfinished: what a run decoded that was stopped before it could commit it, by key.
        is_stopped: asked between batches whether to decode no more.
    """

    def __init__(
        self,
        models: ModelSet,
        settings: DecodingSettings,
        memory: Memory | None,
        progress: Progress | None = None,
        *,
        is_rescuing: bool = True,
        unfinished: Mapping[bytes, Hypothesis] | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._models = models
        self._settings = settings
        self._memory = memory
        self._progress = progress or Silence()
        self._is_rescuing = is_rescuing
        self._unfinished = unfinished or {}
        self._queue = DecodeQueue(count_workers(settings), is_stopped)
        self._routes: dict[LanguagePair, Route | None] = {}
        self._engines: dict[ModelPackage, Engine] = {}
        self._weights: dict[Path, Any] = {}
        self._key_makers: dict[str, KeyMaker] = {}
        self._jobs: list[TranslationJob] = []

    def route(self, pair: LanguagePair) -> Route | None:
        """Return the route for `pair`, None where the set has none."""
        if pair not in self._routes:
            self._routes[pair] = self._models.route(pair)
        return self._routes[pair]

    def signature(self, pair: LanguagePair) -> str | None:
        """Return every setting that can change translations of `pair`, None where there is no route."""
        route = self.route(pair)
        if route is None:
            return None
        rescue = (f"rescue:{RESCUE_VERSION}",) if self._is_rescuing else ()
        return "+".join((*(step.sha256 for step in route.steps), self._settings.signature, *rescue))

    def translate(self, requests: Iterable[Request]) -> dict[Request, Translation]:
        """Return the translation of each request; equal requests are decoded once.

        Raises:
            ModelError: there is no route for a pair (ask `route` before), or a model is damaged.
            DecodingError: an engine failed.
        """
        texts: dict[LanguagePair, dict[str, None]] = defaultdict(dict)
        for request in requests:
            texts[request.pair][request.text] = None
        found = self.finish(self.begin(texts))
        return {Request(pair, text): found[pair][text] for pair, some in texts.items() for text in some}

    def begin(self, texts: Mapping[LanguagePair, Iterable[str]]) -> TranslationJob:
        """Look texts up and hand what must be decoded to the workers; `finish` waits for them.

        A job may be begun before the one before it is finished; it takes that one's translations of equal texts.

        Raises:
            ModelError: there is no route for a pair (ask `route` before), or a model is damaged.
        """
        # What is finished is in the memory by now, or is not to be used.
        self._jobs = [job for job in self._jobs if not job.is_finished]
        job = TranslationJob(lanes={pair: self._lane(pair, some) for pair, some in texts.items()})
        self._begin_step(job, 0)
        self._jobs.append(job)
        return job

    def finish(self, job: TranslationJob) -> Translations:
        """Return the translations of all texts of a job.

        Raises:
            ModelError: the model of a second step is damaged.
            DecodingError: an engine failed.
            DecodingStopped: the run is to stop; `stop` returns what was decoded.
        """
        n_steps = max((len(lane.route.steps) for lane in job.lanes.values()), default=0)
        self._progress.expected(sum(len(lane.current) * len(lane.route.steps) for lane in job.lanes.values()))
        for number in range(n_steps):
            if number:
                self._begin_step(job, number)
            for step in job.steps:
                self._finish_step(job, step)
        if self._memory is not None:
            self._memory.add({key: source.get() for key, source in job.decoded.items()})
        job.is_finished = True
        return {pair: lane.current for pair, lane in job.lanes.items()}

    def abandon(self, job: TranslationJob) -> None:
        """Give up a job; others do not wait for its translations from now on."""
        job.is_finished = True

    def stop(self) -> dict[bytes, Hypothesis]:
        """Wait for the few batches that are under way, and return by key what jobs that are not finished have decoded.

        Raises:
            DecodingError: an engine failed.
        """
        self._queue.settle()
        jobs, self._jobs = self._jobs, []
        return {key: found for job in jobs if not job.is_finished for key, found in job.decoded_so_far()}

    def _lane(self, pair: LanguagePair, texts: Iterable[str]) -> Lane:
        route = self.route(pair)
        if route is None:
            raise ModelError(f"no model for {pair}")
        return Lane(route, {text: Translation(_one_line(text)) for text in texts})

    def _begin_step(self, job: TranslationJob, number: int) -> None:
        by_package: dict[ModelPackage, list[Lane]] = defaultdict(list)
        for lane in job.lanes.values():
            if number < len(lane.route.steps):
                by_package[lane.route.steps[number]].append(lane)
        job.steps = [self._step(job, package, lanes) for package, lanes in by_package.items()]

    def _step(self, job: TranslationJob, package: ModelPackage, lanes: Sequence[Lane]) -> Step:
        texts = dict.fromkeys(translation.text for lane in lanes for translation in lane.current.values())
        return Step(package, lanes, self._fetch(job, package, texts, FIRST))

    def _fetch(self, job: TranslationJob, package: ModelPackage, texts: Iterable[str], way: Way) -> Fetch:
        """Look texts up, and hand those that nobody decoded yet to the workers."""
        key_of = self._key_maker(package, way).key
        keys = {text: key_of(text) for text in texts}
        remembered = self._memory.look_up(list(keys.values())) if self._memory is not None else {}
        fetch = Fetch({})
        missing: dict[str, bytes] = {}
        for text, key in keys.items():
            if hypothesis := remembered.get(key):
                fetch.sources[text] = Source(hypothesis), True
            elif own := job.decoded.get(key):
                fetch.sources[text] = own, False
            elif other := self._of_another_job(key):
                fetch.sources[text] = other, True
            else:
                missing[text] = key
        if missing:
            known = {text: self._unfinished[key] for text, key in missing.items() if key in self._unfinished}
            fetch.decoding = Decoding(self._engine(package), list(missing), self._queue, known, way)
            job.decodings.append((fetch.decoding, tuple(missing.values())))
            for place, (text, key) in enumerate(missing.items()):
                job.decoded[key] = source = Source(decoding=fetch.decoding, place=place)
                fetch.sources[text] = source, False
        return fetch

    def _of_another_job(self, key: bytes) -> Source | None:
        if self._memory is None:
            return None
        return next((job.decoded[key] for job in self._jobs if key in job.decoded), None)

    def _finish_step(self, job: TranslationJob, step: Step) -> None:
        n_texts = sum(len(lane.current) for lane in step.lanes)
        if step.fetch.decoding is not None:
            self._progress.decoded(n_texts - step.fetch.decoding.n_texts)
            step.fetch.decoding.hypotheses(self._progress.decoded)
        else:
            self._progress.decoded(n_texts)
        choices = self._rescued(job, step) if self._is_rescuing else _choices(step.fetch)
        for lane in step.lanes:
            for source, before in lane.current.items():
                lane.current[source] = _after(before, choices[before.text])

    def _rescued(self, job: TranslationJob, step: Step) -> dict[str, Choice]:
        def fetch(texts: Sequence[str], way: Way) -> dict[str, Choice]:
            return _choices(self._fetch(job, step.package, texts, way))

        choices = rescued(step.package.pair, _choices(step.fetch), fetch)
        for text, (source, _) in step.fetch.sources.items():
            # What was judged sound needs no judge when it is remembered.
            if choices[text].hypothesis.is_sound and choices[text].retry is None:
                source.hypothesis = choices[text].hypothesis
        return choices

    def _key_maker(self, package: ModelPackage, way: Way) -> KeyMaker:
        # By content: a newer version with the same weights translates nothing anew.
        signature = f"{package.sha256}|{self._settings.signature}{way.signature}"
        if signature not in self._key_makers:
            self._key_makers[signature] = KeyMaker(signature)
        return self._key_makers[signature]

    def _engine(self, package: ModelPackage) -> Engine:
        if package not in self._engines:
            folder = package.model_folder
            if folder not in self._weights:
                self._weights[folder] = load_weights(package, self._settings)
            self._engines[package] = Engine(package, self._settings, weights=self._weights[folder])
        return self._engines[package]


def _choices(fetch: Fetch) -> dict[str, Choice]:
    """Wait for all that is fetched."""
    return {text: Choice(source.get(), is_older) for text, (source, is_older) in fetch.sources.items()}


def _after(before: Translation, choice: Choice) -> Translation:
    hypothesis = choice.hypothesis
    return Translation(
        hypothesis.text,
        min(before.score, hypothesis.score),
        before.is_truncated or hypothesis.is_truncated,
        before.from_memory and choice.is_older,
        "+".join(filter(None, (before.retry, choice.retry))) or None,
    )


def _one_line(text: str) -> str:
    return _LINE_BREAKS_AND_BLANKS.sub(" ", text) if _has_wide_blanks(text) else text


def _has_wide_blanks(text: str) -> bool:
    return "\n" in text or "  " in text or "\t" in text
