-- One work in several catalogues: lists show it once.

-- What a work is known by: numbers that others gave it, and its files.
CREATE TABLE work_keys (
    key   TEXT NOT NULL,
    title INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    PRIMARY KEY (key, title)
) WITHOUT ROWID;
CREATE INDEX work_keys_by_title ON work_keys (title);
INSERT OR IGNORE INTO work_keys
    SELECT 'v2:' || json_extract(r.value, '$.torrent.v2') || ':' || json_extract(r.value, '$.path'), t.title
    FROM titles t, json_each(t.record, '$.releases') r WHERE json_extract(r.value, '$.torrent.v2') IS NOT NULL
    UNION ALL
    SELECT 'v1:' || json_extract(r.value, '$.torrent.v1') || ':' || json_extract(r.value, '$.path'), t.title
    FROM titles t, json_each(t.record, '$.releases') r WHERE json_extract(r.value, '$.torrent.v1') IS NOT NULL;

-- The title of another catalogue that lists show in its place; that one has none itself.
ALTER TABLE titles ADD COLUMN double_of INTEGER REFERENCES titles (title) ON DELETE SET NULL;
CREATE INDEX titles_doubles ON titles (double_of) WHERE double_of IS NOT NULL;

-- Doubles are not counted in the first place, so they need not be taken off.
DROP VIEW hidden;
CREATE VIEW hidden AS
    SELECT title FROM titles INDEXED BY titles_withdrawn WHERE withdrawn IS NOT NULL
    UNION ALL
    SELECT titles.title FROM blocked CROSS JOIN titles ON titles.id = blocked.title_id
    WHERE titles.withdrawn IS NULL AND titles.double_of IS NULL;
CREATE VIEW doubles AS SELECT title FROM titles INDEXED BY titles_doubles WHERE double_of IS NOT NULL;
