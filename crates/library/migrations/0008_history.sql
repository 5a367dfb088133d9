-- What was played when: nobody could read it or clear it, so it is not kept.
DROP TABLE history;
