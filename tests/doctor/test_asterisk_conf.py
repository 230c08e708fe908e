"""Asterisk's configuration as admins write it: includes, templates, comments of both kinds, and files that are none."""

import os
from pathlib import Path

from agi_screen.doctor.asterisk_conf import AsteriskConf, AsteriskEtc, extensions
from tests.doctor.conftest import SHIPPED, as_nobody


def load(folder: Path, text: str, **files: str) -> AsteriskConf:
    for name, content in {"main": text, **files}.items():
        (folder / f"{name}.conf").write_text(content, encoding="utf-8")
    return AsteriskConf.load(folder, "main.conf")


def test_values_arrows_comments_and_escaped_semicolons(tmp_path: Path) -> None:
    conf = load(tmp_path, "[a] ; first\none = 1 ; why\ntwo => 2\n;-- no = 0\n[no]\n--;\nthree=a\\;b ;c\nfour=\n")
    section = conf.named("a")
    assert [(entry.key, entry.value) for entry in section.entries] == [
        *(("one", "1"), ("two", "2"), ("three", "a;b"), ("four", ""))
    ]
    assert section.entries[2].place.endswith("main.conf:7")
    assert (conf.names, conf.problems, conf.read) == (["a"], (), True)


def test_templates_give_their_values_and_are_no_section(tmp_path: Path) -> None:
    conf = load(tmp_path, "[base](!)\nx = 1\ny = 1\n[a](base)\ny = 2\n[a](+)\nz = 3\n[b](!,base)\n")
    assert conf.names == ["a"]
    assert [conf.named("a").get(key) for key in "xyz"] == ["1", "2", "3"]


def test_includes_with_quotes_and_wildcards_from_asterisk_s_folder_on(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/1.conf").write_text("x = 1\n#include more.conf\n")
    conf = load(tmp_path, '[a]\n#include "d/*.conf" ; all\n#tryinclude absent.conf\n', more="y = 2\n")
    assert [entry.key for entry in conf.named("a").entries] == ["x", "y"]
    assert not conf.problems


def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    conf = load(tmp_path, "[a]\n#include gone.conf\n#exec /bin/date\nloose words\n#include main.conf\nx = 1\n")
    assert conf.named("a").get("x") == "1"
    said = "\n".join(conf.problems)
    assert "gone.conf is not there" in said
    assert "#exec" in said
    assert ":4: neither" in said
    assert "not followed" in said  # a file that includes itself ends


def test_no_file_a_pipe_a_folder_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    (tmp_path / "folder.conf").mkdir()
    (tmp_path / "bytes.conf").write_bytes(b"[a]\nx = caf\xe9\n\x00\xff\n")
    for name in ("pipe.conf", "folder.conf", "absent.conf"):
        conf = AsteriskConf.load(tmp_path, name)
        assert not conf.read
        assert len(conf.problems) == 1
    assert AsteriskConf.load(tmp_path, "bytes.conf").named("a").get("x") == "caf\ufffd"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    load(tmp_path, "[a]\n")
    (tmp_path / "main.conf").chmod(0)
    with as_nobody():
        conf = AsteriskConf.load(tmp_path, "main.conf")
    assert "Permission denied" in conf.problems[0]


def test_every_shipped_file_is_understood() -> None:
    for path in [SHIPPED / "agi_screen.conf", SHIPPED / "manager.d/agi_screen.conf", *SHIPPED.glob("demo/*.conf")]:
        conf = AsteriskConf.load(path.parent, path.name)
        assert [problem for problem in conf.problems if "is not there" not in problem] == []
        assert conf.sections or path.name in {"acl.conf", "pjproject.conf"}


def test_steps_of_a_dialplan_know_their_extension() -> None:
    steps = list(extensions(AsteriskEtc(SHIPPED)["agi_screen.conf"]))
    assert ("agi-screen-goodbye", "s") in {(context, extension) for context, extension, _ in steps}
    removed = next(entry for _, _, entry in steps if "LOCAL(num)" in entry.value)
    assert "CUT(CALLERID(num),;,1)" in removed.value


def test_directories_of_debian_s_template_are_not_in_force(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text("[directories](!)\nastdatadir => /elsewhere\n")
    assert AsteriskEtc(tmp_path).directory("astdatadir", Path("/usr/share/asterisk")) == Path("/usr/share/asterisk")
