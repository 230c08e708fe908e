-- Which daemon wrote it, where several share one database (see postgresql/002_node.sql); in a file there is one.
ALTER TABLE calls ADD COLUMN node TEXT NOT NULL DEFAULT '';
ALTER TABLE call_ends ADD COLUMN node TEXT NOT NULL DEFAULT '';
