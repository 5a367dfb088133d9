-- Filters: signed lists of what to leave out, that this household follows. What they mark is worked out when a list or a
-- title comes, so that lists and searches only look it up.
CREATE TABLE filters (
    filter    INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,       -- the 52 letters of its key
    name      TEXT NOT NULL,              -- JSON: language → text
    about     TEXT NOT NULL,              -- the same
    publisher TEXT NOT NULL,
    revision  INTEGER NOT NULL,           -- 0 until all of it is here
    entries   INTEGER NOT NULL DEFAULT 0,
    applied   INTEGER NOT NULL DEFAULT 1, -- whether this household wants it
    runs      INTEGER NOT NULL DEFAULT 0  -- how often it was held against the titles
);
CREATE TABLE filter_marks (
    filter INTEGER NOT NULL,              -- leaves with its filter (filters.rs)
    mark   BLOB NOT NULL,                 -- 16 bytes
    action INTEGER NOT NULL,              -- 1 hide, 2 warn, 3 no-seed, 4 block
    reason INTEGER NOT NULL,              -- 0 for none
    PRIMARY KEY (filter, mark)
) WITHOUT ROWID;

-- By what filters may name a title; filled by the program for titles that are here already.
CREATE TABLE title_marks (
    title INTEGER PRIMARY KEY REFERENCES titles (title) ON DELETE CASCADE,
    marks BLOB NOT NULL                   -- 16 bytes each
);
-- What filters say of titles, those that are switched off as well.
CREATE TABLE filtered (
    title  INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    filter INTEGER NOT NULL,
    action INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    run    INTEGER NOT NULL,              -- the filter's run that found it last
    PRIMARY KEY (title, filter, action)
) WITHOUT ROWID;
CREATE INDEX filtered_by_filter ON filtered (filter, action);

-- Titles that somebody here wants to see whatever filters say.
CREATE TABLE shown_anyway (
    title_id TEXT PRIMARY KEY,
    at       INTEGER NOT NULL
) WITHOUT ROWID;
-- Titles that filters hide now: counts that are kept do not have them.
CREATE TABLE left_out (
    title INTEGER PRIMARY KEY REFERENCES titles (title) ON DELETE CASCADE
);
CREATE VIEW to_leave_out AS
    SELECT f.title FROM filters l CROSS JOIN filtered f ON f.filter = l.filter
    WHERE l.applied AND f.action IN (1, 4)
    AND f.title NOT IN (SELECT t.title FROM shown_anyway s CROSS JOIN titles t ON t.id = s.title_id);

DROP VIEW hidden;
CREATE VIEW hidden AS
    SELECT title FROM titles INDEXED BY titles_withdrawn
    WHERE withdrawn IS NOT NULL AND title NOT IN (SELECT title FROM left_out)
    UNION ALL
    SELECT titles.title FROM blocked CROSS JOIN titles ON titles.id = blocked.title_id
    WHERE titles.withdrawn IS NULL AND titles.double_of IS NULL
    AND titles.title NOT IN (SELECT title FROM left_out);
