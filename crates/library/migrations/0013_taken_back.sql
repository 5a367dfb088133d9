-- What publishers took back, by the 20 bytes that name a torrent in its swarms: it is not shared any more.
CREATE TABLE torrents_taken_back (
    source  INTEGER NOT NULL REFERENCES sources (source) ON DELETE CASCADE,
    torrent BLOB NOT NULL,
    PRIMARY KEY (torrent, source)
) WITHOUT ROWID;
INSERT OR IGNORE INTO torrents_taken_back
    SELECT t.source, unhex(substr(hash.atom, 1, 40))
    FROM titles t, json_tree(t.record) hash
    WHERE t.withdrawn IS NOT NULL AND hash.key IN ('v1', 'v2') AND hash.path LIKE '%.torrent';
