-- What there is to watch, and who says so.
CREATE TABLE sources (
    source      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL, -- JSON: language → text
    publisher   TEXT NOT NULL,
    contact     TEXT,
    revision    INTEGER NOT NULL,
    folder      TEXT,          -- where its art and .torrent files lie
    imports     INTEGER NOT NULL DEFAULT 0,
    imported_at INTEGER NOT NULL
);

CREATE TABLE titles (
    title     INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE, -- "source.title"
    source    INTEGER NOT NULL REFERENCES sources (source) ON DELETE CASCADE,
    seen      INTEGER NOT NULL,     -- the source's import that last named it
    kind      TEXT NOT NULL,
    year      INTEGER,
    licence   TEXT NOT NULL,
    position  INTEGER NOT NULL,     -- its place in the publisher's order, 0 first
    sort_name TEXT NOT NULL,
    added_at  INTEGER NOT NULL,
    withdrawn TEXT,                 -- JSON: the publisher's withdrawal
    card      TEXT NOT NULL,        -- JSON: what a grid shows
    record    TEXT NOT NULL         -- JSON: the whole record, as published
);
CREATE INDEX titles_by_position ON titles (position, title);
CREATE INDEX titles_by_kind ON titles (kind, position, title);
CREATE INDEX titles_by_licence ON titles (licence);
CREATE INDEX titles_by_added ON titles (added_at DESC, position, title);
CREATE INDEX titles_by_year ON titles (year DESC, position, title);
CREATE INDEX titles_by_name ON titles (sort_name, title);
CREATE INDEX titles_by_source ON titles (source);
CREATE INDEX titles_withdrawn ON titles (withdrawn) WHERE withdrawn IS NOT NULL;

CREATE TABLE title_names (
    title     INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    language  TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    PRIMARY KEY (title, language)
) WITHOUT ROWID;

CREATE TABLE title_facets (
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    title INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    PRIMARY KEY (facet, value, title)
) WITHOUT ROWID;
CREATE INDEX facets_by_title ON title_facets (title);

CREATE TABLE episodes (
    id      TEXT PRIMARY KEY,
    title   INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, -- order of watching: seasons in turn, specials last
    season  INTEGER NOT NULL,
    number  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX episodes_by_title ON episodes (title, ordinal);

CREATE TABLE releases (
    id      TEXT PRIMARY KEY,
    title   INTEGER NOT NULL REFERENCES titles (title) ON DELETE CASCADE,
    item_id TEXT NOT NULL,
    v1      BLOB,
    v2      BLOB
) WITHOUT ROWID;
CREATE INDEX releases_by_title ON releases (title);
CREATE INDEX releases_by_v1 ON releases (v1);
CREATE INDEX releases_by_v2 ON releases (v2);
