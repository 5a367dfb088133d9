-- A million titles: fewer and smaller indexes.

-- Nothing reads it: a title's releases are in its record.
DROP TABLE releases;

-- What works are known by, as numbers: filled again by the program (works.rs).
DROP TABLE work_keys;
CREATE TABLE work_keys (
    title INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    key   INTEGER NOT NULL,
    PRIMARY KEY (title, key)
) WITHOUT ROWID;
CREATE INDEX titles_of_work_key ON work_keys (key, title);
