-- What the people here did. Keyed by the ids that titles and episodes have for ever, so that it outlives a catalogue.
CREATE TABLE progress (
    item_id     TEXT PRIMARY KEY,
    position_ms INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX progress_by_time ON progress (updated_at);

CREATE TABLE watched (
    item_id TEXT PRIMARY KEY,
    by_hand INTEGER NOT NULL,
    at      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE favourites (
    title_id TEXT PRIMARY KEY,
    at       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE blocked (
    title_id TEXT PRIMARY KEY,
    at       INTEGER NOT NULL
) WITHOUT ROWID;

-- Titles that lists, counts and searches leave out: always few, so that asking stays cheap.
CREATE VIEW hidden AS
    SELECT title FROM titles WHERE withdrawn IS NOT NULL
    UNION
    SELECT titles.title FROM blocked JOIN titles ON titles.id = blocked.title_id;

CREATE TABLE history (
    playback   INTEGER PRIMARY KEY,
    item_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    started_at INTEGER NOT NULL
);

CREATE TABLE settings (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    json TEXT NOT NULL
);

CREATE TABLE consent (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    version  INTEGER NOT NULL,
    given_at INTEGER NOT NULL
);
