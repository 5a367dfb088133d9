-- A million titles taken in: what comes in no order is written at the end, in order.

-- Nothing reads it: names are sorted in the viewer's language.
DROP INDEX titles_by_name;

-- Each column is counted along its own index.
DROP VIEW facets_of_columns;

-- The titles that are known by a number. What a title is known by is put in when the import that brought it ends.
DROP INDEX titles_of_work_key;
CREATE TABLE works (
    key   INTEGER NOT NULL,
    title INTEGER NOT NULL, -- leaves with its title (works.rs)
    PRIMARY KEY (key, title)
) WITHOUT ROWID;
INSERT INTO works SELECT key, title FROM work_keys ORDER BY key, title;
-- Titles whose numbers are not in yet.
CREATE TABLE works_waiting (
    title INTEGER PRIMARY KEY
);
