from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.names import inconsistent_names
from pipeline.checks.sounds import hear, is_alike, skeleton


def shares(pair: str, *texts: tuple[str, str]) -> list[float | None]:
    source_lang, target_lang = pair.split("-")
    return inconsistent_names([TextPair(source, target, source_lang, target_lang) for source, target in texts])


@pytest.mark.parametrize(
    ("pair", "texts", "expected"),
    [
        pytest.param(
            "en-ru",
            [
                ("The train to Huddersfield was late.", "Поезд в Хаддерсфилд опоздал."),
                ("In Huddersfield it rained.", "В Хаддерсфилде шёл дождь."),
                ("Few people live in Huddersfield.", "В Худдерсфилде живёт мало людей."),
            ],
            [1.0, 1.0, 0.0],
            id="vowel",
        ),
        pytest.param(
            "en-ru",
            [
                ("We asked William Harlow.", "Мы спросили Уильяма Харлоу."),
                ("Later William Harlow agreed.", "Позже Уильям Харлоу согласился."),
                ("Then William Harlow left.", "Затем Вильям Харлоу ушёл."),
            ],
            [1.0, 1.0, 0.5],
            id="one-of-two-names",
        ),
        pytest.param(
            "en-ru",
            [("We met Wilson here.", "Мы встретили Уилсона."), ("Today Wilson left.", "Сегодня Вилсон уехал.")],
            [None, 0.0],
            id="one-against-one-doubts-the-later",
        ),
        pytest.param(
            "en-ru",
            [
                ("He came to Preston.", "Он приехал в Престон."),
                ("Streets of Preston are wet.", "Улицы Престона мокрые."),
                ("Shops in Preston are closed.", "Магазины в Preston закрыты."),
            ],
            [1.0, 1.0, 0.0],
            id="left-in-latin-letters",
        ),
        pytest.param(
            "en-hy",
            [
                ("The mayor met Thornton.", "Քաղաքապետը հանդիպեց Թորնթոնին։"),
                ("Then Thornton spoke.", "Հետո խոսեց Թորնթոնը։"),
                ("But Thornton was alone.", "Սակայն Տորնտոնը մենակ էր։"),
            ],
            [1.0, 1.0, 0.0],
            id="armenian-letters",
        ),
        pytest.param(
            "ru-en",
            [
                ("Вчера Георгий Хачатрян уехал.", "Yesterday Georgy Khachatryan left."),
                ("Позже Хачатряна видели в порту.", "Later Khachatryan was seen in the port."),
                ("Сегодня Хачатряну звонили.", "Today they called Hachatrian."),
            ],
            [1.0, 1.0, 0.0],
            id="into-english",
        ),
        pytest.param(
            "hy-ru",
            [
                ("Երեկ Ղուկասյանը մեկնեց։", "Вчера Гукасян уехал."),
                ("Հետո Ղուկասյանին տեսան նավահանգստում։", "Позже Гукасяна видели в порту."),
                ("Այսօր Ղուկասյանի մասին խոսեցին։", "Сегодня говорили о Хукасяне."),
            ],
            [1.0, 1.0, 0.0],
            id="from-armenian",
        ),
        pytest.param(
            "hyw-en",
            [("Երէկ Պետրոսեանը մեկնեցաւ։", "Yesterday Bedrosian left."), ("Պետրոսեանը հոս է։", "Petrosian is here.")],
            [None, 0.0],
            id="western-armenian",
        ),
    ],
)
def test_other_spellings_of_a_name_are_doubted(
    pair: str, texts: list[tuple[str, str]], expected: list[float | None]
) -> None:
    assert shares(pair, *texts) == expected


@pytest.mark.parametrize(
    ("pair", "texts"),
    [
        pytest.param(
            "en-ru",
            [
                ("We saw Pavel Lavrov.", "Мы видели Павла Лаврова."),
                ("Then Pavel Lavrov left.", "Затем Павел Лавров ушёл."),
                ("People like Pavel Lavrov.", "Людям нравится Павел Лавров: с Павлом Лавровым легко."),
            ],
            id="cases-ru",
        ),
        pytest.param(
            "en-hy",
            [
                ("He lives in Yerevan.", "Նա ապրում է Երևանում։"),
                ("Streets of Yerevan are wet.", "Երևանի փողոցները թաց են։"),
                ("Is it Yerevan?", "Դա Երևա՞նն է։"),
            ],
            id="cases-hy",
        ),
        pytest.param(
            "ru-en",
            [
                ("Он вернулся из Италии.", "He came back from Italy."),
                ("Матч в Италии отменён.", "The Italian match is off."),
                ("Поезда в Италию стоят.", "Trains to Italy stand."),
            ],
            id="adjective-en",
        ),
        pytest.param(
            "en-ru",
            [
                ("He left the United States.", "Он уехал из США."),
                ("In the United States it rained.", "В Соединённых Штатах шёл дождь."),
            ],
            id="by-meaning",
        ),
        pytest.param(
            "en-ru",
            [("They asked Wilson.", "Спросили Уилсона."), ("Then Wilson left.", "Затем он ушёл.")],
            id="left-out",
        ),
        pytest.param(
            "en-ru",
            [
                ("They asked Marina.", "Спросили Марину."),
                ("Then Marina met Moreno.", "Затем она встретила Морено."),
                ("So Marina left.", "Так Марина ушла."),
            ],
            id="another-name-that-sounds-alike",
        ),
        pytest.param(
            "en-ru",
            [
                ("He works for Dunmore.", "Он работает в «Данмор» (Dunmore)."),
                ("Shares of Dunmore fell.", "Акции «Данмор» упали."),
            ],
            id="with-its-original",
        ),
        pytest.param(
            "en-ru",
            [("TALKS IN WILSON END", "ПЕРЕГОВОРЫ В ВИЛСОНЕ"), ("We saw Wilson.", "Мы видели Уилсона.")],
            id="capitals-only",
        ),
    ],
)
def test_one_name_in_other_forms_is_no_doubt(pair: str, texts: list[tuple[str, str]]) -> None:
    assert all(share in (None, 1.0) for share in shares(pair, *texts))


@pytest.mark.parametrize(
    ("pair", "texts"),
    [
        pytest.param("en-ru", [], id="no-units"),
        pytest.param("en-ru", [("", ""), ("", "")], id="empty"),
        pytest.param("en-ru", [("We met Wilson.", "Мы встретили Уилсона.")], id="once"),
        pytest.param("en-ru", [("It rained.", "Шёл дождь."), ("It rains.", "Идёт дождь.")], id="no-names"),
        pytest.param(
            "en-de", [("We met Wilson.", "Wir trafen Wilson."), ("Wilson left.", "Vilson ging.")], id="german"
        ),
        pytest.param("en-ru", [("Wilson left.", "Он ушёл."), ("Wilson spoke.", "Она говорила.")], id="not-rendered"),
    ],
)
def test_where_no_name_recurs_there_is_no_measure(pair: str, texts: list[tuple[str, str]]) -> None:
    assert shares(pair, *texts) == [None] * len(texts)


def test_a_list_of_names_without_end_is_read_in_part() -> None:
    names = " ".join(f"Na{'bdgklmnrst'[n % 10]}e{'bdgklmnrst'[n // 10 % 10]}ov{'a' * (n // 100)}" for n in range(3000))

    assert len(shares("en-ru", (names, names), ("A" + "b" * 100_000, "А" + "б" * 100_000))) == 2


@pytest.mark.parametrize(
    "names",
    [
        ("putin", "путин", "պուտին"),
        ("kennedy", "кеннеди", "քենեդի"),
        ("huddersfield", "хаддерсфилд", "հադերսֆիլդ"),
        ("wilson", "уилсон", "ուիլսոն"),
        ("pyongyang", "пхеньян", "փհենյան"),
        ("max", "макс", "մաքս"),
    ],
    ids=lambda names: str(names[0]),
)
def test_a_name_sounds_the_same_in_three_scripts(names: tuple[str, ...]) -> None:
    assert len({skeleton(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("leicester", "лестер", True),
        ("michael", "майкл", True),
        ("worcester", "вустер", True),
        ("iran", "ирак", False),
        ("moscow", "париж", False),
        ("madrid", "мадридскому", True),
    ],
)
def test_names_may_differ_a_little(one: str, other: str, *, expected: bool) -> None:
    assert is_alike(hear(one).skeletons, hear(other).skeletons) is expected
