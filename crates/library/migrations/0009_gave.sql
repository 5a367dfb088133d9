-- How long each torrent was given to others with nothing left to fetch, in all runs of the program.
ALTER TABLE traffic ADD COLUMN gave_s INTEGER NOT NULL DEFAULT 0; -- seconds
