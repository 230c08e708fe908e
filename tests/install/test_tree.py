"""An install into each kind of tree: shown, done once, killed anywhere and done again, undone exactly."""

from __future__ import annotations

import pytest

from agi_screen.doctor.asterisk_conf import AsteriskEtc
from tests.install.conftest import SECRET, SHIPPED, CountingHand, Killed, MortalHand, Tree

ENGLISH = ("en",)


def test_a_dry_run_shows_all_and_changes_nothing(tree: Tree) -> None:
    before = tree.snapshot()
    count, said = tree.shown()
    assert tree.snapshot() == before
    assert count > 5
    assert "mkdir -m 755 /opt/agi-screen" in said
    assert "current" in said
    assert SECRET not in said
    assert "of-their-own" not in said


def test_the_second_run_changes_nothing_and_says_so(tree: Tree) -> None:
    count, _ = tree.install()
    assert count > 5
    before = tree.snapshot()
    again, said = tree.install()
    assert again == 0
    assert tree.snapshot() == before
    assert "  done already" in said


def test_an_uninstall_gives_back_every_byte(tree: Tree) -> None:
    before = tree.snapshot()
    tree.install(languages=ENGLISH)
    assert tree.snapshot() != before
    left, _ = tree.uninstall()
    assert left == []
    assert tree.snapshot() == before


def test_settings_and_records_stay_without_purge(tree: Tree) -> None:
    before = tree.snapshot()
    tree.install()
    (tree.root / "var/lib/agi-screen/agi-screen.db").write_text("records")
    tree.uninstall(purge=False)
    assert (tree.root / "etc/agi-screen/agi-screen.toml").exists()
    assert (tree.root / "var/lib/agi-screen/agi-screen.db").exists()
    assert not (tree.root / "opt/agi-screen/bin").is_symlink()
    tree.install()  # and they are taken up again
    tree.uninstall(purge=False)
    tree.uninstall(purge=True)
    assert tree.snapshot() == before


def test_killed_before_any_change_and_run_again(tree: Tree) -> None:
    """Whatever was the last thing done, the next run ends with the same tree, and an uninstall with the first one."""
    before, counting = tree.snapshot(), CountingHand()
    tree.install(counting)
    whole = tree.snapshot()
    tree.uninstall()
    assert tree.snapshot() == before
    for changes in range(counting.changes):
        with pytest.raises(Killed):
            tree.install(MortalHand(changes))
        tree.install()
        assert tree.snapshot() == whole, f"killed after {changes} changes"
        tree.uninstall()
        assert tree.snapshot() == before, f"killed after {changes} changes"


def test_killed_in_an_uninstall_and_run_again(tree: Tree) -> None:
    before, counting = tree.snapshot(), CountingHand()
    tree.install()
    tree.uninstall(counting)
    for changes in range(counting.changes):
        tree.install()
        with pytest.raises(Killed):
            tree.uninstall(MortalHand(changes))
        tree.uninstall()
        assert tree.snapshot() == before, f"killed after {changes} changes"


def test_killed_among_the_prompts(plain: Tree) -> None:
    before = plain.snapshot()
    with pytest.raises(Killed):
        plain.install(MortalHand(60), languages=ENGLISH)
    plain.install(languages=ENGLISH)
    files = [path for path in (SHIPPED / "sounds/en/agi-screen").rglob("*") if path.is_file()]
    into = plain.sounds / "en/agi-screen"
    assert all((into / f.relative_to(SHIPPED / "sounds/en/agi-screen")).read_bytes() == f.read_bytes() for f in files)
    plain.uninstall()
    assert plain.snapshot() == before


def test_asterisk_reads_what_was_put_there(tree: Tree) -> None:
    """By pyst2's parser, as the doctor sees it."""
    tree.install()
    etc = AsteriskEtc(tree.etc)
    extensions, manager = etc["extensions.conf"], etc["manager.conf"]
    assert extensions.problems == manager.problems == ()
    assert "agi-screen" in extensions.names
    assert manager.named("general").get("enabled") == "yes"
    secret = manager.named("agi_screen").get("secret")
    assert secret == (tree.root / "etc/agi-screen/ami-secret").read_text().strip() != "CHANGE_ME"


def test_what_freepbx_writes_anew_takes_nothing_away(freepbx: Tree) -> None:
    generated = ("extensions.conf", "extensions_additional.conf", "manager.conf", "manager_additional.conf")
    before = {name: (freepbx.etc / name).read_text() for name in generated}
    freepbx.install()
    assert {name: (freepbx.etc / name).read_text() for name in generated} == before
    (freepbx.root / "etc/agi-screen/agi-screen.toml").write_text('[agi]\nlisten = "127.0.0.1:4777"\n')
    freepbx.install()
    for name, text in before.items():
        freepbx.write(name, text)
    etc = AsteriskEtc(freepbx.etc)
    assert "agi-screen" in etc["extensions.conf"].names
    assert etc["extensions.conf"].named("globals").get("agi_screen_daemon") == "127.0.0.1:4777"
    assert etc["manager.conf"].named("agi_screen").get("secret") == SECRET


def test_settings_are_made_to_fit_what_is_there(tree: Tree) -> None:
    tree.install()
    text = (tree.root / "etc/agi-screen/agi-screen.toml").read_text()
    by_hand = (tree.etc / "agi_screen.conf").exists() and "4600" in (tree.etc / "extensions.conf").read_text()
    assert ('listen = "127.0.0.1:4600"' in text) == by_hand
    assert ("port = 5039" in text) == by_hand
    assert ('sounds = "/var/lib/asterisk/sounds"' in text) == (tree.sounds.parts[-4:-1] == ("var", "lib", "asterisk"))
