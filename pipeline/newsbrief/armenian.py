"""Eastern Armenian noun forms by rule, and the article before a vowel."""

from __future__ import annotations

import re
from typing import Final

_VOWELS: Final = "աեէըիոօ"
# Loans in -ում keep the stem (ֆորումի); native action nouns take -ման (բացման).
_LOANS_IN_UM: Final = ("իում", "յում", "ֆորում", "մաքսիմում", "մինիմում", "օպտիմում", "ալբում", "վակուում")
# The ը of ընդամենը is no article. The literal comes first, so that the search is fast.
_ARTICLE_BEFORE_VOWEL: Final = re.compile(r"ը (?=[աիօէըԱԻՕԷԸ]|[ոՈ]ւ)(?<=[ա-և»-]ը )(?<!նդամենը )")


def definite(noun: str) -> str:
    """Add the definite article: ն after a vowel, ը after a consonant."""
    return noun + ("ն" if _ends_in_vowel(noun) else "ը")


def is_monosyllable(noun: str) -> bool:
    """Tell whether the last word of a noun phrase has one written vowel (ու is one)."""
    return sum(letter in _VOWELS + "և" for letter in noun.rsplit(maxsplit=1)[-1].lower()) == 1


def inflect(given: dict[str, str]) -> dict[str, str]:
    """Complete the forms of a noun by its declension class; what is given explicitly stays.

    A form follows from given ones where it can: an explicit ``gen`` decides ``dat``, an explicit ``pl`` all
    plural forms. Names in quotation marks and abbreviations take their endings after a hyphen (ՄԱԿ-ի).

    Args:
        given: forms by name, with at least ``nom``.
    """
    nom = given["nom"]
    if not re.search(r"[ա-և»Ա-Ֆ]$", nom):
        return dict(given)
    forms = _hyphenated(nom) if nom.endswith("»") or re.search(r"[Ա-Ֆ]{2}$", nom) else _singular(nom)
    forms |= {"pl": nom + ("եր" if is_monosyllable(nom) else "ներ")} | given
    forms.setdefault("def", definite(nom))
    forms.setdefault("dat", definite(forms["gen"]))
    plural = _plural(forms["pl"]) | forms
    return plural | {"pldat": forms.get("pldat", definite(plural["plgen"]))}


def join_articles(text: str) -> str:
    """Turn the article ը into ն before a word that begins with a vowel sound.

    Only across a plain space: a quotation mark or comma between the words keeps ը.
    """
    return _ARTICLE_BEFORE_VOWEL.sub("ն ", text)


def _ends_in_vowel(noun: str) -> bool:
    # ու is a vowel, but final ւ after another letter is not; և ends in the sound v.
    return noun[-1].lower() in _VOWELS or noun[-2:].lower() == "ու"


def _singular(nom: str) -> dict[str, str]:
    if nom.endswith("ություն"):
        return _cases(nom) | {"gen": f"{nom[:-3]}ան", "ins": f"{nom[:-3]}ամբ"}
    if nom.endswith("ում") and not nom.endswith(_LOANS_IN_UM) and not _is_name(nom):
        return _cases(nom) | {"gen": f"{nom[:-3]}ման", "ins": f"{nom[:-3]}մամբ"}
    if nom.endswith("ի") and not _is_name(nom):
        stem = nom[:-1]
        return {"gen": f"{stem}ու", "abl": f"{stem}ուց", "ins": f"{stem}ով", "loc": f"{stem}ում"}
    glide = "յ" if nom[-1] in "աոօ" else ""
    return _cases(nom + glide)


def _is_name(nom: str) -> bool:
    return nom.rsplit(maxsplit=1)[-1][0].isupper()


def _cases(stem: str) -> dict[str, str]:
    return {"gen": f"{stem}ի", "abl": f"{stem}ից", "ins": f"{stem}ով", "loc": f"{stem}ում"}


def _hyphenated(nom: str) -> dict[str, str]:
    bare = nom.rstrip("»")
    vowel = _ends_in_vowel(bare)
    # Abbreviations take no glide: ՆԱՏՕ-ի.
    glide = "յ" if bare[-1] in "աոօ" else ""
    return _cases(f"{nom}-{glide}") | {"def": f"{nom}-{'ն' if vowel else 'ը'}"}


def _plural(plural: str) -> dict[str, str]:
    cases = _cases(plural)
    return {
        "pldef": definite(plural),
        "plgen": cases["gen"],
        "plabl": cases["abl"],
        "plins": cases["ins"],
        "plloc": cases["loc"],
    }
