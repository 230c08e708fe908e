-- Times are REAL seconds since 1970 UTC.

CREATE TABLE calls (
    n             INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    uniqueid      TEXT NOT NULL,
    started       REAL NOT NULL,
    caller        TEXT NOT NULL,
    caller_raw    TEXT NOT NULL,
    caller_kind   TEXT NOT NULL,
    caller_name   TEXT NOT NULL,
    dialled       TEXT NOT NULL,
    trunk         TEXT NOT NULL,
    verdict       TEXT NOT NULL,
    final_verdict TEXT NOT NULL,
    score         REAL NOT NULL,
    level         TEXT NOT NULL,
    final         TEXT NOT NULL,
    evidence      TEXT NOT NULL,   -- JSON: [[signal, points, score, reason], ...]
    captcha       TEXT NOT NULL,
    tampering     TEXT NOT NULL,   -- JSON: [what, ...]
    error         TEXT NOT NULL,
    decide_us     INTEGER NOT NULL,
    way           TEXT NOT NULL DEFAULT '',    -- of who did not pass: callback, human, voicemail and so on
    asked         TEXT NOT NULL DEFAULT '',    -- the CAPTCHA's questions and how each ended
    conduct       TEXT NOT NULL DEFAULT '[]',  -- JSON as in evidence: how the caller behaved in the CAPTCHA
    captcha_time  REAL NOT NULL DEFAULT 0,     -- seconds
    slot          INTEGER AS (CAST(started / 3600 AS INTEGER)) VIRTUAL  -- its hour
);
-- Each filter of `calls` walks one of these backwards, newest first, and finds its page without reading a call.
-- Callers come in no order: in one tree of all callers each record rewrites a page of its own, and a record costs
-- five times as much after a month. So each hour has its part of the tree: new records meet in a few pages, and a
-- caller is looked for in each part, some seven hundred small steps a month.
CREATE INDEX calls_started ON calls (started, verdict);
CREATE INDEX calls_caller ON calls (slot, caller, verdict, started);
CREATE INDEX calls_dialled ON calls (slot, dialled, verdict, started);
CREATE INDEX calls_verdict ON calls (verdict, started) WHERE verdict <> 'allow';
CREATE INDEX calls_way ON calls (way, started) WHERE way <> '';

-- Apart from `calls`, because the end may be told before the call's record is written, and by another path.
CREATE TABLE call_ends (
    uniqueid    TEXT PRIMARY KEY,
    ended       REAL NOT NULL,
    cause       INTEGER NOT NULL,
    disposition TEXT NOT NULL,
    queue       TEXT NOT NULL,
    queue_wait  REAL NOT NULL,
    talk_time   REAL NOT NULL,
    operator    TEXT NOT NULL
) WITHOUT ROWID;

-- An import writes many entries of one kind: what they share stands once, in list_groups, so that a million
-- are read in a second. Both trees of list_entries (its key, and the unique index) hold the whole entry: what
-- damage takes from one is salvaged from the other.
CREATE TABLE list_groups (
    n       INTEGER PRIMARY KEY,
    list    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    source  TEXT NOT NULL,
    added   REAL NOT NULL,
    expires REAL NOT NULL
);
CREATE TABLE list_entries (
    grp   INTEGER NOT NULL,  -- list_groups.n; as a foreign key it would make an import three times as long
    value TEXT NOT NULL CHECK (instr(value, char(10)) = 0),  -- a line break parts the values of a group
    list  TEXT NOT NULL,
    PRIMARY KEY (grp, value)
) WITHOUT ROWID;
CREATE UNIQUE INDEX list_entries_value ON list_entries (list, value);

CREATE TABLE passes (
    caller    TEXT NOT NULL,
    trunk     TEXT NOT NULL,
    uses_left INTEGER NOT NULL,
    expires   REAL NOT NULL,
    PRIMARY KEY (caller, trunk)
) WITHOUT ROWID;

-- What is known of a caller over all calls, so that a start reads one row a caller and no call.
CREATE TABLE callers (
    caller     TEXT PRIMARY KEY,
    talks      INTEGER NOT NULL,
    talked     REAL NOT NULL,    -- seconds in all
    last_talk  REAL NOT NULL,
    shorts     INTEGER NOT NULL,
    passed     INTEGER NOT NULL, -- CAPTCHAs
    failed     INTEGER NOT NULL, -- CAPTCHAs since the last one passed
    hungup     INTEGER NOT NULL, -- CAPTCHAs left by a hang-up that looked like a person's, since then
    captcha_at REAL NOT NULL,
    robot      INTEGER NOT NULL, -- operators' marks
    person     INTEGER NOT NULL,
    marked_at  REAL NOT NULL,
    menus      INTEGER NOT NULL,
    idle       INTEGER NOT NULL,
    trunk      TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE feedback (
    n        INTEGER PRIMARY KEY,
    call_id  TEXT NOT NULL,
    caller   TEXT NOT NULL,
    label    TEXT NOT NULL,
    operator TEXT NOT NULL,
    at       REAL NOT NULL
);
CREATE INDEX feedback_call ON feedback (call_id);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE settings_history (
    n     INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    who   TEXT NOT NULL,
    at    REAL NOT NULL
);
CREATE INDEX settings_history_name ON settings_history (name, at);

-- The desk. Of passwords, sessions, tokens and set-up links only hashes are kept.
CREATE TABLE accounts (
    name     TEXT PRIMARY KEY COLLATE NOCASE,
    role     TEXT NOT NULL,
    password TEXT NOT NULL,     -- argon2
    stamp    INTEGER NOT NULL,  -- goes up with each password: sessions of an older one are over
    added    REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions (
    hash    BLOB PRIMARY KEY,
    account TEXT NOT NULL COLLATE NOCASE,
    stamp   INTEGER NOT NULL,
    started REAL NOT NULL,
    seen    REAL NOT NULL       -- last, to the minute
) WITHOUT ROWID;
CREATE TABLE tokens (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role    TEXT NOT NULL,
    hash    BLOB NOT NULL UNIQUE,
    made_by TEXT NOT NULL,
    made    REAL NOT NULL,
    expires REAL NOT NULL,  -- 0: never
    used    REAL NOT NULL   -- last, to the minute; 0: never
);
CREATE TABLE setup_link (
    hash    BLOB PRIMARY KEY,
    expires REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
    n       INTEGER PRIMARY KEY,
    at      REAL NOT NULL,
    who     TEXT NOT NULL,
    address TEXT NOT NULL,
    what    TEXT NOT NULL,
    before  TEXT NOT NULL,
    after   TEXT NOT NULL
);
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is kept'); END;
CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is kept'); END;
