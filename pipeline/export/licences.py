"""Licences of articles as the header of a dataset card has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Identifiers that the Hub knows, of those that articles have. Source: the Hub's list of licences.
_KNOWN = re.compile(
    r"cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-(2\.0|2\.5|3\.0|4\.0)|apache-2\.0|mit|odc-by|odbl|pddl|gfdl|etalab-2\.0"
)
_ADDRESS = re.compile(r"https?://creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero))/(\d\.\d)(?:/.*)?")
_LONGEST_NAME = 100
_N_NAMED = 20


def licence_entries(licences: Sequence[tuple[str | None, int]]) -> Mapping[str, Any]:
    """Return the entries for licences and the number of articles that have each; None is one that was not given.

    What all articles share stands by itself. Otherwise it is `other` with the list, or `unknown` where none is given.
    """
    names = [name for name, _ in licences if name]
    if not names:
        return {"license": "unknown"}
    if len(licences) == 1:
        known = identifier_of(names[0])
        return {"license": known} if known else {"license": "other", "license_name": _slug(names[0])}
    return {"license": "other", "license_name": "several", "license_details": _listed(licences)}


def _listed(licences: Sequence[tuple[str | None, int]]) -> str:
    named = [f"{(name or 'unknown')[:_LONGEST_NAME]} ({n:,})" for name, n in licences[:_N_NAMED]]
    if rest := licences[_N_NAMED:]:
        named.append(f"{len(rest):,} others ({sum(n for _, n in rest):,})")
    return "articles by licence: " + ", ".join(named)


def identifier_of(name: str) -> str | None:
    """Return the Hub's identifier of a licence; None where it has none that is known here."""
    text = name.strip().lower()
    if found := _ADDRESS.fullmatch(text):
        kind, zero, version = found.groups()
        text = f"cc0-{version}" if zero else f"cc-{kind}-{version}"
    text = re.sub(r"[\s_]+", "-", text)
    return text if _KNOWN.fullmatch(text) else None


def _slug(name: str) -> str:
    return re.sub(r"[^0-9a-z.]+", "-", name.lower()).strip("-")[:_LONGEST_NAME] or "unnamed"
