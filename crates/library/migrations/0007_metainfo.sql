-- Descriptions of torrents lie as files beside the library; nothing was ever kept here.
DROP TABLE metainfo;
