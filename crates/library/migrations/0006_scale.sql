-- A hundred thousand titles: an index that follows each title by itself, and counts that are kept.

-- The rowid is the place in the publisher's order, then the title's number: 24 bits of it (search.rs).
DROP TABLE search_words;
DROP TABLE search;
DROP TABLE search_ranks;
CREATE VIRTUAL TABLE search USING fts5 (
    names, others,
    content = '',
    contentless_delete = 1,
    prefix = '2 3 4',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
);
CREATE VIRTUAL TABLE search_words USING fts5vocab (search, row);
INSERT INTO search (rowid, names, others)
    SELECT position << 24 | title, names, others FROM search_texts JOIN titles USING (title)
    WHERE withdrawn IS NULL ORDER BY 1;
DROP TABLE search_texts;

-- How many titles have each value, hidden ones included; counted anew after every import.
CREATE TABLE facet_counts (
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (facet, value)
) WITHOUT ROWID;
CREATE VIEW facets_of_columns AS
    SELECT 'all' AS facet, '' AS value, title FROM titles
    UNION ALL SELECT 'kind', kind, title FROM titles
    UNION ALL SELECT 'licence', licence, title FROM titles
    UNION ALL SELECT 'decade', CAST(year / 10 * 10 AS TEXT), title FROM titles WHERE year IS NOT NULL;
INSERT INTO facet_counts SELECT facet, value, count(*) FROM title_facets GROUP BY facet, value;
INSERT INTO facet_counts SELECT facet, value, count(*) FROM facets_of_columns GROUP BY facet, value;

-- The same titles as before, found through their indexes alone: a merge of both parts would read every title.
DROP VIEW hidden;
CREATE VIEW hidden AS
    SELECT title FROM titles INDEXED BY titles_withdrawn WHERE withdrawn IS NOT NULL
    UNION ALL
    SELECT titles.title FROM blocked CROSS JOIN titles ON titles.id = blocked.title_id
    WHERE titles.withdrawn IS NULL;
