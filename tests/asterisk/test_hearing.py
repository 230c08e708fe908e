"""The ear on made-up streams: frames cut anywhere, packets lost, prompts cut short, two languages."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.asterisk import mulaw
from tests.asterisk.ends.hearing import Ear, Heard
from tests.asterisk.ends.prompts import Prompts, Sound
from tests.asterisk.mulaw import FRAME_TICKS, RATE
from tests.asterisk.reception import Packet

WORDS = ("press", "digits/3", "digits/3-2", "digits/7", "passed")


def speech(seed: int, seconds: float = 0.5) -> bytes:
    """Something as uneven as speech, with a soft beginning and end as the shipped words have them."""
    noise = np.random.default_rng(seed).normal(0, 3000, int(seconds * RATE))
    return mulaw.quiet(0.02) + mulaw.encode(noise) + mulaw.quiet(0.06)


@pytest.fixture
def prompts() -> Prompts:
    known = Prompts()
    for seed, name in enumerate(WORDS):
        known.add(Sound("en", name, speech(seed)))
    known.add(Sound("es", "press", speech(100)))
    return known


def audio_of(prompts: Prompts, *names: str, language: str = "en") -> bytes:
    by_name = {(sound.language, sound.name): sound.audio for sound in prompts.sounds}
    return b"".join(by_name[language, name] for name in names)


def packets(audio: bytes, start: int = 0) -> list[Packet]:
    starts = range(0, len(audio), FRAME_TICKS)
    return [Packet(n, start + at, 0.0, audio[at : at + FRAME_TICKS]) for n, at in enumerate(starts)]


async def listen(prompts: Prompts, stream: list[Packet]) -> list[Heard]:
    """All words that are over, once it is silent."""
    silent = asyncio.Event()
    ear = Ear(prompts)
    ear.on_silence = silent.set
    for packet in stream:
        ear.hear(packet)
    await asyncio.wait_for(silent.wait(), 5)
    return ear.heard


@pytest.mark.parametrize("shift", [0, 1, 31, 64, 100, 159])
async def test_words_are_heard_however_frames_are_cut(prompts: Prompts, shift: int) -> None:
    audio = mulaw.quiet(0.1) + mulaw.quiet(0.05)[:shift] + audio_of(prompts, "press", "digits/3", "digits/7")
    heard = await listen(prompts, packets(audio))
    assert [word.name for word in heard] == ["press", "digits/3", "digits/7"]
    assert all(word.complete for word in heard)
    began = 0.1 + shift / RATE
    assert heard[0].began == pytest.approx(began)
    assert heard[0].ended == pytest.approx(began + 0.58)
    assert heard[2].began == pytest.approx(began + 1.16)


async def test_a_take_of_a_digit_is_that_digit(prompts: Prompts) -> None:
    heard = await listen(prompts, packets(audio_of(prompts, "digits/3-2")))
    assert [(word.name, word.word) for word in heard] == [("digits/3-2", "3")]


async def test_lost_packets_cost_share_and_no_word(prompts: Prompts) -> None:
    stream = packets(audio_of(prompts, "press", "digits/7"))
    heard = await listen(prompts, [packet for packet in stream if packet.sequence % 5 != 3])
    assert [word.name for word in heard] == ["press", "digits/7"]
    assert all(0.7 < word.share < 0.9 and word.understood and not word.complete for word in heard)


async def test_a_word_cut_short_is_not_understood(prompts: Prompts) -> None:
    cut = audio_of(prompts, "press")[: int(0.2 * RATE)] + audio_of(prompts, "digits/7")
    heard = await listen(prompts, packets(cut))
    assert [(word.name, word.understood) for word in heard] == [("press", False), ("digits/7", True)]
    assert heard[0].ended == pytest.approx(0.2)


async def test_a_word_that_a_key_had_stopped_goes_on(prompts: Prompts) -> None:
    word = audio_of(prompts, "press")
    half = int(0.3 * RATE)
    heard = await listen(prompts, packets(word[:half] + mulaw.quiet(0.1) + word[half:]))
    assert [(one.name, one.understood, one.complete) for one in heard] == [
        ("press", False, False),
        ("press", True, True),
    ]


async def test_a_word_is_understood_before_it_is_over(prompts: Prompts) -> None:
    told: list[Heard] = []
    ear = Ear(prompts)
    ear.on_word = told.append
    stream = packets(audio_of(prompts, "press"))
    for packet in stream[: len(stream) * 7 // 10]:
        ear.hear(packet)
    assert [(word.name, word.ended) for word in told] == [("press", None)]
    assert ear.hearing
    ear.close()


async def test_languages_are_told_apart_and_noise_is_no_word(prompts: Prompts) -> None:
    audio = audio_of(prompts, "press", language="es") + speech(999) + audio_of(prompts, "press")
    heard = await listen(prompts, packets(audio, start=8000))
    assert [(word.language, word.name) for word in heard] == [("es", "press"), ("en", "press")]
    assert heard[0].began == pytest.approx(1.0)
