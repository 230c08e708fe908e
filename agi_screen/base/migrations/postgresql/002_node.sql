-- Which daemon wrote it: each says its name when it connects. Uniqueids of two Asterisks may be the same.
ALTER TABLE calls ADD COLUMN node TEXT COLLATE "C" NOT NULL DEFAULT coalesce(current_setting('agi_screen.node', true), '');
ALTER TABLE call_ends ADD COLUMN node TEXT COLLATE "C" NOT NULL DEFAULT coalesce(current_setting('agi_screen.node', true), '');
ALTER TABLE call_ends DROP CONSTRAINT call_ends_pkey, ADD PRIMARY KEY (uniqueid, node);
