"""What a robot makes of a recogniser's text: the keys asked for, in five languages, as best it can.

Our texts are public, so its author may know every phrase of them; what he cannot know is what was heard amiss.
"""

from __future__ import annotations

import re
import unicodedata

NUMBERS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zero un deux trois quatre cinq six sept huit neuf",
    "de": "null eins zwei drei vier funf sechs sieben acht neun",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
}
# How else a digit is said or heard.
ALSO = {
    "en": {"oh": "0", "o": "0", "won": "1", "tree": "3", "fore": "4", "ate": "8", "niner": "9"},
    "es": {},
    "fr": {"une": "1"},
    "de": {"zwo": "2", "fuenf": "5"},
    "it": {"un": "1", "una": "1"},
}
# Numbers that are no digits of the answer.
IDLE = re.compile(
    r"\b(three|3|tres|trois|drei|tre) (different )?(numbers|numeros|chiffres|zahlen|numeri)\b"
    r"|\bone more\b|\b(this|just) (one|1) key\b"
    r"|\b(first|second|last) (one|1)\b|\b(une|una) (fois|vez|volta)\b|\bun (message|messaggio|errore)\b"
)
CALL_BACK = re.compile(r"\bcall you back\b|\ble llamemos\b|\brappelions\b|\bzuruckrufen\b|\bla richiamiamo\b")
NUMBER_WORDS = re.compile(r"\b(one|1|three|3|tres|trois|drei|tre|une|una|un)\b")
ONCE_MORE = re.compile(r"\bonce more\b|\botra vez\b|\bencore une fois\b|\bnoch einmal\b|\bancora una volta\b")
NTH = {
    0: re.compile(r"\b(first|primero|premier|erste|primo)\b"),
    1: re.compile(r"\b(second|segundo|deuxieme|zweite|secondo)\b"),
    2: re.compile(r"\b(last|ultimo|dernier|letzte)\b"),
}
EXCEPT = re.compile(r"\b(leave out every|leave out|menos el|tranne il numero|tranne il|sauf le|sauf|nicht die|nicht)\b")
PLUS = re.compile(r"(\d+) *(?:plus|plusse|\+|and|mas|piu|und) *(\d+)")


def plain(text: str) -> str:
    """Lower case, without accents and stops."""
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w+]", " ", bare).split())


def with_digits(text: str, language: str) -> str:
    """Plain text with number words as figures and phrases that only sound like them taken out."""
    text = IDLE.sub(lambda found: NUMBER_WORDS.sub("", found[0]), text)
    words = {word: str(n) for n, word in enumerate(NUMBERS[language].split())} | ALSO[language]
    return " ".join(words.get(word, word) for word in text.split())


def figures(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


def keys_of(text: str, language: str) -> str:
    """The keys to press; the empty string where no sense can be made of it."""
    if CALL_BACK.search(plain(text)):
        return "1"
    parts = [with_digits(part, language[:2].lower()) for part in ONCE_MORE.split(plain(text))]
    said = [part for part in parts if figures(part)]
    if not said:
        return ""
    # The kind is told before the first saying; the last one is the fresher.
    kind, last = said[0], said[-1]
    if excepted := EXCEPT.search(kind):
        left_out = figures(kind[excepted.end() :])[:1]
        numbers = last if len(said) > 1 else kind[excepted.end() :].replace(left_out, "", 1)
        return figures(numbers).replace(left_out, "")
    if added := PLUS.search(last):
        return str(int(added[1]) + int(added[2]))
    spoken = figures(last)
    for nth, named in NTH.items():
        if named.search(kind):
            return spoken[-3:][nth : nth + 1]
    return spoken
