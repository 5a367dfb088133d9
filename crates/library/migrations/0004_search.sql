-- Search as you type: rowid is the rank by popularity, so that the first hits read are the first ones shown.
-- The text arrives folded by the program; marks stay within words, which Indic scripts need.
CREATE VIRTUAL TABLE search USING fts5 (
    names, others,
    content = '',
    prefix = '2 3 4',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
);
CREATE VIRTUAL TABLE search_words USING fts5vocab (search, row);
CREATE TABLE search_ranks (
    rank  INTEGER PRIMARY KEY,
    title INTEGER NOT NULL
);
-- What each title is found by; the index is written anew from here.
CREATE TABLE search_texts (
    title  INTEGER PRIMARY KEY REFERENCES titles (title) ON DELETE CASCADE,
    names  TEXT NOT NULL,
    others TEXT NOT NULL
);
