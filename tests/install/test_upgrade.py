"""A newer version over an older one: ours is renewed, the admin's is left, and what fails leaves the old one in use."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.install_ import names
from scripts.install_.__main__ import main
from scripts.install_.errors import InstallError
from scripts.install_.options import Options
from scripts.install_.steps import dialplan, program, prompts, settings
from tests.install.conftest import ROOT, SHIPPED, Tree, make

SOUND = "en/agi-screen/press.ulaw"


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the next version would ship: another subroutine, another sample, another recording."""
    folder = tmp_path / "newer"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("es", "fr", "de", "it", "*.wav"))
    for name in ("agi_screen.conf", "agi-screen.toml"):
        (folder / name).write_text((folder / name).read_text() + "; newer\n" if "conf" in name else "# newer\n")
    (folder / "sounds" / SOUND).write_bytes(b"newer")
    for module in (dialplan, prompts, settings):
        monkeypatch.setattr(module, "SHIPPED", folder)
    return folder


def test_what_is_ours_is_renewed(plain: Tree, request: pytest.FixtureRequest) -> None:
    before = plain.snapshot()
    plain.install(languages=("en",))
    toml = (plain.root / "etc/agi-screen/agi-screen.toml").read_bytes()
    request.getfixturevalue("newer")
    count, _ = plain.install(languages=("en",))
    assert count == 2
    assert (plain.etc / "agi_screen.conf").read_text().endswith("; newer\n")
    assert (plain.sounds / SOUND).read_bytes() == b"newer"
    assert (plain.root / "etc/agi-screen/agi-screen.toml").read_bytes() == toml
    plain.uninstall()
    assert plain.snapshot() == before


def test_what_the_admin_changed_is_left_and_named(plain: Tree, request: pytest.FixtureRequest) -> None:
    plain.install(languages=("en",))
    mine = {
        plain.etc / "agi_screen.conf": "; mine\n",
        plain.etc / "manager.d/agi_screen.conf": "[agi_screen]\nsecret = mine\n",
        plain.root / "etc/systemd/system/agi-screen.service": "[Service]\nExecStart=/mine\n",
        plain.root / "etc/agi-screen/agi-screen.toml": 'mode = "enforce"\n',
        plain.sounds / SOUND: "mine",
    }
    for path, text in mine.items():
        path.write_text(text)
    request.getfixturevalue("newer")
    count, said = plain.install(languages=("en",))
    assert count == 0
    for name in (
        "agi_screen.conf was changed",
        "manager.d/agi_screen.conf was",
        "agi-screen.service was",
        "press.ulaw",
    ):
        assert name in said
    _, gone = plain.uninstall(purge=False)
    assert {path: path.read_text() for path in mine} == mine
    assert "left as it is" in gone


def test_an_admin_who_writes_below_our_lines(plain: Tree) -> None:
    """An edit of the file after us stays, and ours goes out of its middle."""
    before = (plain.etc / "manager.conf").read_text()
    plain.install()
    with (plain.etc / "manager.conf").open("a") as file:
        file.write("[mine]\nsecret = x\n")
    assert plain.install()[0] == 0
    plain.uninstall()
    assert (plain.etc / "manager.conf").read_text() == f"{before}[mine]\nsecret = x\n"


FAKE_PYTHON = """#!/bin/sh
# A fake Python: it makes an environment whose pip finds no network.
if [ "$2" = venv ]; then
  mkdir -p "$3/bin"
  printf '#!/bin/sh\\necho "ERROR: No matching distribution found" >&2; exit 1\\n' >"$3/bin/python"
  chmod +x "$3/bin/python"
fi
"""


def test_a_pip_that_fails_leaves_the_old_one_in_use(plain: Tree, tmp_path: Path) -> None:
    plain.install()
    before = plain.snapshot()
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    with pytest.raises(InstallError, match="was not touched") as failed:
        plain.install(environment=None, python=python)
    assert "No matching distribution found" in str(failed.value)
    assert "--wheelhouse" in str(failed.value)
    left = {path: what for path, what in plain.snapshot().items() if not path.startswith("opt/agi-screen/releases/")}
    assert left == before
    count, _ = plain.install()  # what the failed build left is taken away
    assert count == 1
    assert plain.snapshot() == before


def test_the_same_source_is_the_same_release(monkeypatch: pytest.MonkeyPatch) -> None:
    name = program.release_name(Options())
    program.release_name.cache_clear()
    assert program.release_name(Options()) == name
    program.release_name.cache_clear()
    monkeypatch.setattr(program, "PARTS", (*program.PARTS, "CHANGELOG.md"))
    assert program.release_name(Options()) != name
    program.release_name.cache_clear()


def test_an_environment_made_by_hand_is_not_overwritten(plain: Tree) -> None:
    (plain.root / "opt/agi-screen").mkdir(parents=True)
    (plain.root / "opt/agi-screen/pyvenv.cfg").write_text("home = /usr/bin\n")
    with pytest.raises(InstallError, match=r"mv /opt/agi-screen /opt/agi-screen\.by-hand"):
        plain.install()


@pytest.mark.skipif(os.geteuid() != 0, reason="making users takes root")
def test_a_user_is_made_and_taken_away(tmp_path: Path) -> None:
    tree = make(tmp_path / "machine", "plain")
    for name in ("passwd", "group"):
        file = tree.root / "etc" / name
        file.write_text("".join(line for line in file.read_text().splitlines(True) if "agi-screen" not in line))
    before = tree.snapshot()
    tree.install()
    user = names.user_id(tree.root, "agi-screen")
    assert user is not None
    assert (tree.root / "var/lib/agi-screen").stat().st_uid == user
    assert (tree.root / "etc/agi-screen/ami-secret").stat().st_mode & 0o777 == 0o640
    tree.uninstall(purge=False)
    assert names.user_id(tree.root, "agi-screen") == user
    tree.uninstall()
    after = tree.snapshot()
    for name in ("etc/passwd", "etc/group"):  # other modes than ours are shadow's business
        assert after.pop(name)[3] == before.pop(name)[3]
    assert after == before


def test_the_command_as_an_admin_types_it(plain: Tree) -> None:
    before = plain.snapshot()
    line = [str(ROOT / "scripts/install"), "--root", str(plain.root), "--dry-run"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "nothing was changed" in done.stdout
    assert "-m pip install" in done.stdout
    assert plain.snapshot() == before
    line = [str(ROOT / "scripts/uninstall"), "--root", str(plain.root)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "nothing that scripts/install put here" in done.stdout) == (0, True)


def test_no_asterisk_and_nobody_to_ask(
    plain: Tree, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main("install", ["--root", str(plain.root), "--asterisk-etc", "/etc/nothing"]) == 2
    assert "→ install Asterisk 20 or newer" in capsys.readouterr().err

    def nobody(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    before = plain.snapshot()
    assert main("install", ["--root", str(plain.root)]) == 1
    assert plain.snapshot() == before
