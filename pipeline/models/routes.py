"""Routes: which packages lead from one language to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.config import RouteRules
from pipeline.errors import ConfigError
from pipeline.models.catalog import read_catalog
from pipeline.models.metadata import version_key
from pipeline.models.package import ModelPackage
from pipeline.types import LanguagePair, parse_pair, standard_of

MAX_STEPS = 2
"""A third step would lose more than it brings."""

_ENGLISH = "en"

Candidates = Mapping[LanguagePair, tuple[ModelPackage, ...]]
"""All packages of a set by pair, the best first."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The packages that lead from one language to another, one or two."""

    pair: LanguagePair
    steps: tuple[ModelPackage, ...]

    @cached_property
    def pivot(self) -> str | None:
        """The language in the middle, None for a direct route."""
        return self.steps[0].pair.target if len(self.steps) > 1 else None

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of the packages, in order."""
        return tuple(step.label for step in self.steps)


def sorted_candidates(packages: Iterable[ModelPackage]) -> dict[LanguagePair, tuple[ModelPackage, ...]]:
    """Return packages by pair, the best first: by BLEU in the catalogue, by its recommendation, by version."""
    found: dict[LanguagePair, list[ModelPackage]] = {}
    for package in packages:
        found.setdefault(package.pair, []).append(package)
    return {pair: tuple(sorted(some, key=_merit, reverse=True)) for pair, some in found.items()}


def choose(candidates: Candidates, rules: RouteRules) -> dict[LanguagePair, ModelPackage]:
    """Return the package of each pair.

    Raises:
        ConfigError: a rule names a package that is not there, or a pivot that no package knows.
    """
    languages = {language for pair in candidates for language in (pair.source, pair.target)}
    if rules.pivot and candidates and rules.pivot not in languages:
        known = ", ".join(sorted(languages))
        raise ConfigError(f"pivot {rules.pivot!r}: no package leads there; those that are here know {known}")
    chosen = {pair: some[0] for pair, some in candidates.items()}
    for pair in map(parse_pair, rules.by_pair):
        if wanted := rules.package_choice(pair):
            chosen[pair] = _named(wanted, pair, candidates.get(pair, ()))
    return chosen


def find_route(pair: LanguagePair, packages: Mapping[LanguagePair, ModelPackage], rules: RouteRules) -> Route | None:
    """Return the route for `pair`: direct, else over the best pivot, unless a rule says otherwise; None without one.

    A variety of a language without models of its own takes those of the language, `hy-en` for `hyw-en`; nothing leads
    from a language to itself.
    """
    standard = LanguagePair(source=standard_of(pair.source), target=pair.target)
    if pair.target in (pair.source, standard.source):
        return None
    return next((route for some in dict.fromkeys((pair, standard)) if (route := _route(some, packages, rules))), None)


def _route(pair: LanguagePair, packages: Mapping[LanguagePair, ModelPackage], rules: RouteRules) -> Route | None:
    if pivot := rules.pivot_choice(pair):
        return _route_over(pivot, pair, packages)
    if package := packages.get(pair):
        return Route(pair=pair, steps=(package,))
    if rules.is_direct(pair):
        return None
    pivots = [rules.pivot] if rules.pivot else sorted({step.target for step in packages if step.source == pair.source})
    routes = [route for pivot in pivots if (route := _route_over(pivot, pair, packages))]
    return max(routes, key=_worth, default=None)


def _route_over(pivot: str, pair: LanguagePair, packages: Mapping[LanguagePair, ModelPackage]) -> Route | None:
    first = packages.get(LanguagePair(source=pair.source, target=pivot))
    second = packages.get(LanguagePair(source=pivot, target=pair.target))
    return Route(pair=pair, steps=(first, second)) if first and second else None


def _worth(route: Route) -> tuple[float, bool]:
    """A chain is as good as its weakest step; where nobody measured, English in the middle is the usual choice."""
    catalog = read_catalog()
    return min(catalog.bleu(step.family, step.pair) for step in route.steps), route.pivot == _ENGLISH


def _merit(package: ModelPackage) -> tuple[float, int, tuple[int, ...]]:
    catalog = read_catalog()
    family, pair = package.family, package.pair
    return catalog.bleu(family, pair), catalog.preference(family, pair), version_key(package.version)


def _named(wanted: str, pair: LanguagePair, candidates: Iterable[ModelPackage]) -> ModelPackage:
    candidates = tuple(candidates)
    named = [package for package in candidates if wanted in (package.family, package.path.name)]
    labelled = [package for package in candidates if package.label.startswith(wanted)]
    if named or len(labelled) == 1:
        return (named or labelled)[0]
    there = ", ".join(f"{package.path.name} ({package.label})" for package in labelled or candidates) or "none"
    problem = "several packages" if labelled else "no such package"
    raise ConfigError(f"route {pair} = {wanted!r}: {problem}; name one of those for this pair: {there}")
