"""Which models are to be compared: each package of a pair, and ways over a language in the middle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.config import RouteRules
from pipeline.errors import ModelError
from pipeline.models.catalog import command_for
from pipeline.models.package import ModelPackage
from pipeline.models.registry import ModelSet
from pipeline.models.routes import Route, find_route
from pipeline.types import LanguagePair, standard_of


def routes_of(
    found: ModelSet, pair: LanguagePair, *, pivot: str | None = None, wanted: Sequence[str] = ()
) -> list[Route]:
    """Return all routes for `pair`, the one that a run takes first; packages of equal content count once.

    Where no package translates the pair itself, the way over the best pivot is the only route.

    Args:
        found: the packages.
        pair: a variety is served by the packages of its language too, `hyw-en` by those of `hy-en`.
        pivot: the way over this language is wanted as well, with the packages that a run takes.
        wanted: beginnings of labels, families or folders: only routes with such a package.

    Raises:
        ModelError: there is no such route.
    """
    routes = {route.labels: route for route in _direct(found, pair)}
    if pivot:
        over = find_route(pair, found.packages, RouteRules(by_pair=dict.fromkeys(map(str, _served_by(pair)), pivot)))
        if over is None:
            raise ModelError(f"model set {found.name!r} has no way from {pair.source} to {pair.target} over {pivot!r}")
        routes[over.labels] = over
    elif not routes and (over := found.route(pair)):
        routes[over.labels] = over
    if not routes:
        raise ModelError(f"model set {found.name!r} has no model for {pair}; get one: {command_for(pair)}")
    return _chosen(list(routes.values()), wanted)


def model_set_of(route: Route, *, name: str) -> ModelSet:
    """Return a set in which `route` is the only one for its pair."""
    return ModelSet(name=name, packages={step.pair: step for step in route.steps})


def _served_by(pair: LanguagePair) -> tuple[LanguagePair, ...]:
    """Return the pairs whose packages translate `pair`, the closest first."""
    return tuple(dict.fromkeys((pair, LanguagePair(source=standard_of(pair.source), target=pair.target))))


def _direct(found: ModelSet, pair: LanguagePair) -> Iterator[Route]:
    for some in _served_by(pair):
        for package in found.candidates.get(some, ()):
            yield Route(pair=some, steps=(package,))


def _chosen(routes: list[Route], wanted: Sequence[str]) -> list[Route]:
    for name in wanted:
        if not any(_is_named(step, name) for route in routes for step in route.steps):
            there = ", ".join(f"{step.path.name} ({step.label})" for route in routes for step in route.steps)
            raise ModelError(f"no model {name!r} for this pair; name one of those: {there}")
    return [
        route for route in routes if not wanted or any(_is_named(step, name) for step in route.steps for name in wanted)
    ]


def _is_named(package: ModelPackage, name: str) -> bool:
    return package.label.startswith(name) or name in (package.family, package.path.name)
