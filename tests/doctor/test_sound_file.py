"""A recording is measured without being heard: length, level, silence, clipping, and what Asterisk would not play."""

import math
import struct
import wave
from pathlib import Path

import pytest

from agi_screen.doctor.sound_file import A_LAW, MU_LAW, Sound, listened_to
from tests.doctor.conftest import SHIPPED


def tone(level: float, seconds: float = 1.0, rate: int = 8000) -> list[int]:
    """A sine; beyond full scale it is cut, as by a sound card."""
    samples = (level * 32767 * math.sin(2 * math.pi * 440 * n / rate) for n in range(round(seconds * rate)))
    return [max(-32768, min(32767, round(sample))) for sample in samples]


def wav(path: Path, samples: list[int], rate: int = 8000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as made:
        made.setnchannels(channels)
        made.setsampwidth(width)
        made.setframerate(rate)
        made.writeframes(struct.pack(f"<{len(samples)}h", *samples) if width == 2 else bytes(samples))
    return path


def test_a_good_recording(tmp_path: Path) -> None:
    assert listened_to(wav(tmp_path / "a.wav", tone(0.2))) == Sound(1.0)
    assert listened_to(wav(tmp_path / "a.wav16", tone(0.2, rate=16_000), 16_000)) == Sound(1.0)


@pytest.mark.parametrize(
    ("rate", "channels", "width", "said"),
    [
        (44_100, 1, 2, "44100 Hz, 1 channel, 16 bits: Asterisk plays 8000 Hz mono 16"),
        (8000, 2, 2, "8000 Hz, 2 channels"),
        (8000, 1, 1, "8 bits"),
    ],
)
def test_a_wav_that_asterisk_does_not_play(tmp_path: Path, rate: int, channels: int, width: int, said: str) -> None:
    samples = tone(0.2) if width == 2 else [100] * 8000
    assert said in listened_to(wav(tmp_path / "a.wav", samples, rate, channels, width)).fault


def test_silence_whispers_and_clipping(tmp_path: Path) -> None:
    assert listened_to(wav(tmp_path / "a.wav", tone(0.0))).fault == "silent"
    assert "quiet" in listened_to(wav(tmp_path / "a.wav", tone(0.015))).remark
    assert "clipped" in listened_to(wav(tmp_path / "a.wav", tone(1.5))).remark


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a wav at all, but long enough to be looked at" * 9])
def test_what_is_no_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert listened_to(tmp_path / "a.wav").fault
    assert listened_to(tmp_path / "absent.wav").fault.startswith("cannot be read")


def test_lengths_by_size_alone(tmp_path: Path) -> None:
    for kind, size in (("g722", 8000), ("gsm", 1650)):
        (tmp_path / f"a.{kind}").write_bytes(b"x" * size)
        assert listened_to(tmp_path / f"a.{kind}").seconds == 1.0


def test_g711_is_decoded() -> None:
    """Known values of G.711: zero, and both ends of the scale."""
    assert MU_LAW[0xFF] == MU_LAW[0x7F] == 0
    assert (MU_LAW[0x80], MU_LAW[0x00]) == (1.0, -1.0)
    assert (round(A_LAW[0xAA] * 32256), round(A_LAW[0x2A] * 32256)) == (32256, -32256)
    assert round(A_LAW[0xD5] * 32256) == 8


@pytest.mark.parametrize("kind", ["ulaw", "g722"])
def test_every_shipped_prompt_is_good(kind: str) -> None:
    for path in SHIPPED.rglob(f"sounds/*/agi-screen/**/*.{kind}"):
        sound = listened_to(path)
        assert sound.seconds > 0.2
        assert not (sound.fault or sound.remark) or path.stem.startswith("pause")
