"""Compares what was heard with what was said: words for sentences, digits for strings of digits."""

from __future__ import annotations

import re
import unicodedata

from scripts.prompts_.texts import DIGITS, lines

# What else a recogniser may write for a digit: the same sound, or the other word that a language has for it.
ALIKE = {
    "en": {"oh": "0", "for": "4", "to": "2", "too": "2", "won": "1", "ate": "8"},
    "es": {"un": "1", "una": "1"},
    "fr": {"une": "1", "zero": "0", "cet": "7", "cette": "7", "oeuf": "9", "neufs": "9", "sis": "6", "cat": "4"},
    "de": {"ein": "1", "eine": "1", "zwo": "2", "fuenf": "5"},
    "it": {"un": "1", "una": "1"},
}


def plain(text: str) -> str:
    """Lower case, without accents and marks: neither is heard."""
    flat = unicodedata.normalize("NFD", text.lower().replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]+", " ", "".join(sign for sign in flat if not unicodedata.combining(sign))).strip()


def digit_words(language: str) -> dict[str, str]:
    """Word → digit."""
    texts = lines(language)
    return {plain(texts[name].partition("~")[0]): name[-1] for name in DIGITS} | ALIKE[language]


def words(language: str, text: str) -> list[str]:
    """The words of a text, digits written out as the language says them."""
    spelt = {digit: word for word, digit in reversed(digit_words(language).items()) if word not in ALIKE[language]}
    found = []
    for word in plain(text).split():
        found += [spelt.get(sign, sign) for sign in word] if word.isdecimal() else [word]
    return found


def digits(language: str, text: str) -> str:
    """The digits in a text, however they are written: 479, 4-7-9, four seven nine."""
    known = digit_words(language)
    found = ""
    for word in plain(text).split():
        found += word if word.isdecimal() else known.get(word, "")
    return found


def distance(said: list[str] | str, heard: list[str] | str) -> int:
    """How many words (or signs) were put in, left out or changed (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        last, row[0] = row[0], at
        for column, other in enumerate(heard, 1):
            last, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, last + (word != other))
    return row[-1]


def word_errors(language: str, said: str, heard: str) -> float:
    """The share of words that were misheard; joined and parted words ("rappellerons", "a bientot") are forgiven."""
    wanted, got = words(language, said), words(language, heard)
    if "".join(wanted) == "".join(got):
        return 0.0
    return distance(wanted, got) / len(wanted)
