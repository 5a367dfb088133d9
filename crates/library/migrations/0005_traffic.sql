-- What was taken from each swarm and given to it, in all runs of the program.
CREATE TABLE traffic (
    infohash TEXT PRIMARY KEY, -- hexadecimal: v1 if the torrent has one, else v2
    taken    INTEGER NOT NULL, -- bytes
    given    INTEGER NOT NULL  -- bytes
) WITHOUT ROWID;
