"""What people and robots make of what they heard, without a telephone."""

from __future__ import annotations

import pytest

from tests.asterisk.ends.parsing import keys_of
from tests.asterisk.ends.people import neighbours
from tests.asterisk.ends.questions import answer


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("press 3 1 7 2", "3172"),
        ("again 0 0", "00"),
        ("no-input 4 4 once-more 4 4", "44"),
        ("more 1 once-more 1 5", "15"),
        ("sum 3 plus 4", "7"),
        ("sum 9 plus 8 once-more 9 plus 8", "17"),
        ("sum 9 plus", None),
        ("nth-first 3 1 7", "3"),
        ("nth-second 3 1 7", "1"),
        ("nth-last 3 1 7", "7"),
        ("nth-last 3 1", None),
        ("except 5 except-from 1 5 2 5", "12"),
        ("except 5 except-from", None),
        ("one-key 8", "8"),
        ("callback-offer", "1"),
        ("choose 2", "2"),
        ("again sum 2 plus 2", "4"),
        ("press 3 1 press 7 2", "72"),
        ("press", None),
        ("press 3 1 redress 1 8 0 0", None),
        ("3 1", None),
        ("", None),
    ],
)
def test_a_question_says_which_keys(words: str, keys: str | None) -> None:
    assert answer(words.split()) == keys


@pytest.mark.parametrize(
    ("language", "text", "keys"),
    [
        ("en", "To reach us, please press these keys: 3, 1, 7, 2.", "3172"),
        ("en", "That was not right. Please listen and press these keys. Three one seven two.", "3172"),
        ("en", "Thank you. One more, please. Press: 5 0", "50"),
        ("en", "To reach us, press the answer to this sum. 9 plus 8. Once more, 9 plus 8.", "17"),
        ("en", "to reach us press the answer to this sum three + four", "7"),
        ("en", "Listen to three numbers, then press only the second one. 4, 9, 2.", "9"),
        ("en", "I will say some numbers. Press them all, but leave out every 4. The numbers are 1, 4, 2, 4.", "12"),
        ("en", "Please press just this one key. 6.", "6"),
        ("en", "If you would like us to call you back at the number you are calling from, press one.", "1"),
        ("en", "Thanks for watching!", ""),
        ("es", "Para comunicarse, oprima el resultado de esta suma: tres más cuatro.", "7"),
        ("es", "Escuche tres números, y oprima solo el último: 1, 2, 3.", "3"),
        ("es", "Voy a decir unos números. Oprímalos todos, menos el dos. Los números son: 2 5 2 7", "57"),
        ("fr", "Écoutez trois chiffres, puis tapez seulement le deuxième : 8, 3, 5", "3"),
        ("fr", "Merci. Encore une fois, s'il vous plaît. Appuyez sur : un, deux", "12"),
        ("fr", "Pour nous joindre, appuyez sur ces touches : quatre, un. Encore une fois : quatre, un", "41"),
        ("de", "Ich sage einige Zahlen. Drücken Sie alle, aber nicht die fünf. Die Zahlen sind: 5, 1, 3.", "13"),
        ("de", "Um uns zu erreichen, drücken Sie die Lösung dieser Aufgabe: 6 plus 7", "13"),
        ("it", "Per favore, prema questi tasti: sei, uno, tre.", "613"),
        ("it", "Per parlare con noi, prema il risultato di questa somma: 2 più 2. Ancora una volta: 2 più 2", "4"),
        ("it", "Ascolti tre numeri e prema solo il secondo: otto, 1, 6.", "1"),
        ("it", "Dirò alcuni numeri, li prema tutti, tranne il numero 7. I numeri sono 2, 7, 9.", "29"),
        ("it", "Se desidera che la richiamiamo al numero da cui chiama, prema uno.", "1"),
    ],
)
def test_a_robot_makes_keys_of_text(language: str, text: str, keys: str) -> None:
    assert keys_of(text, language) == keys


def test_slips_are_to_neighbouring_keys() -> None:
    assert {key: set(neighbours(key)) for key in "150#"} == {
        "1": set("24"),
        "5": set("2468"),
        "0": set("8*#"),
        "#": set("90"),
    }
