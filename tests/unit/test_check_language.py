from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.language import MIN_LANGUAGE_SHARE, language_share, script_share


@pytest.mark.parametrize(
    ("target", "language", "share"),
    [
        pytest.param("Переговоры завершились.", "ru", 1, id="ru"),
        pytest.param("Բանակցություններն ավարտվեցին։", "hy", 1, id="hy"),
        pytest.param("The talks ended.", "en", 1, id="en"),
        pytest.param("The talks ended.", "ru", 0, id="latin-for-russian"),
        pytest.param("Переговоры завершились.", "hy", 0, id="russian-for-armenian"),
        pytest.param("Встречи ended here.", "en", 9 / 16, id="half"),
        pytest.param("Акции Volvo выросли", "ru", 12 / 17, id="name-inside"),
        pytest.param("Подробности на https://novosti.example.com/most", "ru", 1, id="link"),
        pytest.param("12 500", "ru", None, id="figures"),
        pytest.param("Les discussions ont pris fin.", "fr", None, id="not-served"),
    ],
)
def test_letters_of_the_script_are_measured(target: str, language: str, share: float | None) -> None:
    measured = script_share(TextPair("…", target, "en" if language != "en" else "ru", language))

    assert measured == (share if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    ("target", "language", "doubtful"),
    [
        pytest.param("Мост через реку открыли в понедельник утром.", "ru", False, id="ru"),
        pytest.param("Акции компаний Volvo и Skanska выросли на два процента.", "ru", False, id="names-in-ru"),
        pytest.param("The bridge across the river was opened on Monday.", "en", False, id="en"),
        pytest.param("Giorgi Kvirikashvili met Emmanuel Macron in Paris.", "en", False, id="names-in-en"),
        pytest.param("Міст через річку відкрили в понеділок вранці.", "ru", True, id="uk"),
        pytest.param("Мост праз раку адкрылі ў панядзелак раніцай.", "ru", True, id="be"),
        pytest.param("Мостът над реката беше открит в понеделник сутринта.", "ru", True, id="bg"),
        pytest.param("Die Brücke über den Fluss wurde am Montag eröffnet.", "en", True, id="de"),
        pytest.param("Le pont sur la rivière a été ouvert lundi matin.", "en", True, id="fr"),
    ],
)
def test_other_languages_of_the_script_are_doubted(target: str, language: str, *, doubtful: bool) -> None:
    measured = language_share(TextPair("…", target, "hy", language))

    assert measured is not None
    assert (measured < MIN_LANGUAGE_SHARE) is doubtful


@pytest.mark.parametrize(
    ("target", "language"),
    [
        pytest.param("Да, да.", "ru", id="too-short"),
        pytest.param("The bridge was opened on Monday.", "ru", id="another-script"),
        pytest.param("Կամուրջը բացվեց երկուշաբթի առավոտյան։", "hy", id="alone-in-its-script"),
        pytest.param("Le pont a été ouvert lundi matin.", "fr", id="not-served"),
        pytest.param("Bayern Munich v Borussia Dortmund: Müller, Neuer", "en", id="names"),
        pytest.param("Ош 12 345 67 890 12.", "ru", id="figures"),
    ],
)
def test_nothing_is_said_of_the_language_where_nothing_can_be(target: str, language: str) -> None:
    assert language_share(TextPair("…", target, "en", language)) is None
