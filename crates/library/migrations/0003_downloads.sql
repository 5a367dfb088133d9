-- Torrents that somebody asked for, and the metainfo of those that were met before.
CREATE TABLE downloads (
    download       INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id        TEXT,
    release_id     TEXT,
    name           TEXT NOT NULL,
    v1             BLOB,
    v2             BLOB,
    magnet         TEXT,
    folder         TEXT NOT NULL,
    files          TEXT NOT NULL, -- JSON: wanted file numbers, empty for all
    state          TEXT NOT NULL,
    pinned         INTEGER NOT NULL,
    size_bytes     INTEGER NOT NULL,
    done_bytes     INTEGER NOT NULL,
    uploaded_bytes INTEGER NOT NULL,
    error          TEXT,
    added_at       INTEGER NOT NULL
);

CREATE TABLE metainfo (
    metainfo INTEGER PRIMARY KEY,
    v1       BLOB UNIQUE,
    v2       BLOB UNIQUE,
    bytes    BLOB NOT NULL,
    used_at  INTEGER NOT NULL
);
CREATE INDEX metainfo_by_use ON metainfo (used_at);
