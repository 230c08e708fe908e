"""A user of its own, whom nothing else belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.install_ import names
from scripts.install_.changes import Change, Command, folders_to
from scripts.install_.kept import Kept
from scripts.install_.site import Site


def user(site: Site, kept: Kept) -> Iterator[Change]:
    del kept
    options = site.options
    if names.user_id(options.root, options.user) is None:
        line = ["useradd", *(() if options.here else ("--prefix", str(options.root))), "--system", "--user-group"]
        line += ["--no-create-home", "--home-dir", str(options.state), "--shell", "/usr/sbin/nologin", options.user]
        mend = "make the user by hand, or name one that is there: --user NAME"
        yield Command(tuple(line), mend, marks=(("user", options.user),))
    uid, gid = names.user_id(options.root, options.user), names.group_id(options.root, options.user)
    owner = None if uid is None or gid is None else (uid, gid)
    yield from folders_to(site, options.state, 0o750, owner, "records")
