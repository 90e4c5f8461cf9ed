"""Translating the texts of a whole shard: unique, remembered, routed, decoded as few large jobs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import DecodingSettings
from pipeline.decode.engine import Engine, load_weights
from pipeline.decode.hypothesis import Hypothesis, Memory, memory_key
from pipeline.errors import ModelError
from pipeline.models.package import ModelPackage
from pipeline.models.registry import ModelSet
from pipeline.models.routes import MAX_STEPS, Route
from pipeline.progress import Progress, Silence
from pipeline.types import LanguagePair

_LINE_BREAKS_AND_BLANKS = re.compile(r"[ \t\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A text to be translated."""

    pair: LanguagePair
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What became of a request.

    Over a pivot, `score` is the lower one of the two steps, and `from_memory` tells that nothing was decoded at all.
    """

    text: str
    score: float = 0.0
    is_truncated: bool = False
    from_memory: bool = True

    def followed_by(self, hypothesis: Hypothesis, *, from_memory: bool) -> Translation:
        """Return the translation after one more step."""
        return Translation(
            text=hypothesis.text,
            score=min(self.score, hypothesis.score),
            is_truncated=self.is_truncated or hypothesis.is_truncated,
            from_memory=self.from_memory and from_memory,
        )


class Translator:
    """The models of a set, loaded when first needed, with a memory."""

    def __init__(
        self,
        models: ModelSet,
        settings: DecodingSettings,
        memory: Memory,
        progress: Progress | None = None,
    ) -> None:
        self._models = models
        self._settings = settings
        self._memory = memory
        self._progress = progress or Silence()
        self._routes: dict[LanguagePair, Route | None] = {}
        self._engines: dict[ModelPackage, Engine] = {}
        self._weights: dict[Path, Any] = {}

    def route(self, pair: LanguagePair) -> Route | None:
        """Return the route for `pair`, None where the set has none."""
        if pair not in self._routes:
            self._routes[pair] = self._models.route(pair)
        return self._routes[pair]

    def signature(self, pair: LanguagePair) -> str | None:
        """Return every setting that can change translations of `pair`, None where there is no route."""
        route = self.route(pair)
        return "+".join((*(step.sha256 for step in route.steps), self._settings.signature)) if route else None

    def translate(self, requests: Iterable[Request]) -> dict[Request, Translation]:
        """Return the translation of each request; equal requests are decoded once.

        Raises:
            ModelError: there is no route for a pair (ask `route` before), or a model is damaged.
        """
        translations = {request: Translation(text=_one_line(request.text)) for request in requests}
        self._progress.expected(sum(len(self._steps(request)) for request in translations))
        fresh: dict[bytes, Hypothesis] = {}
        for step in range(MAX_STEPS):
            for package, jobs in self._jobs(translations, step).items():
                texts = [translations[request].text for request in jobs]
                outcomes = self._decode(package, texts, fresh)
                for request, (hypothesis, from_memory) in zip(jobs, outcomes, strict=True):
                    translations[request] = translations[request].followed_by(hypothesis, from_memory=from_memory)
        self._memory.add(fresh)
        return translations

    def _jobs(self, requests: Iterable[Request], step: int) -> dict[ModelPackage, list[Request]]:
        jobs: dict[ModelPackage, list[Request]] = defaultdict(list)
        for request in requests:
            steps = self._steps(request)
            if step < len(steps):
                jobs[steps[step]].append(request)
        return jobs

    def _steps(self, request: Request) -> tuple[ModelPackage, ...]:
        route = self.route(request.pair)
        if route is None:
            raise ModelError(f"no model for {request.pair}")
        return route.steps

    def _decode(
        self, package: ModelPackage, texts: Sequence[str], fresh: dict[bytes, Hypothesis]
    ) -> list[tuple[Hypothesis, bool]]:
        # By content: a newer version with the same weights translates nothing anew.
        signature = f"{package.sha256}|{self._settings.signature}"
        keys = [memory_key(signature, text) for text in texts]
        remembered = self._memory.look_up(list(dict.fromkeys(keys)))
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in remembered and key not in fresh
        }
        self._progress.decoded(len(texts) - len(missing))
        if missing:
            hypotheses = self._engine(package).translate(list(missing.values()), self._progress.decoded)
            fresh.update(zip(missing, hypotheses, strict=True))
        return [(remembered[key], True) if key in remembered else (fresh[key], False) for key in keys]

    def _engine(self, package: ModelPackage) -> Engine:
        if package not in self._engines:
            folder = package.model_folder
            if folder not in self._weights:
                self._weights[folder] = load_weights(package, self._settings)
            self._engines[package] = Engine(package, self._settings, weights=self._weights[folder])
        return self._engines[package]


def _one_line(text: str) -> str:
    return _LINE_BREAKS_AND_BLANKS.sub(" ", text)
