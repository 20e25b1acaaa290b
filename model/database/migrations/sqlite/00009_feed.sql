-- +goose Up
CREATE TABLE IF NOT EXISTS feed_streams (
    stream TEXT NOT NULL DEFAULT '',
    seq INTEGER NOT NULL DEFAULT 0,
    pruned_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (stream)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed_events (
    stream TEXT NOT NULL DEFAULT '',
    seq INTEGER NOT NULL DEFAULT 0,
    account_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS feed_events_at ON feed_events (at);
CREATE TABLE IF NOT EXISTS feed_readers (
    staff_id TEXT NOT NULL DEFAULT '',
    stream TEXT NOT NULL DEFAULT '',
    base_seq INTEGER NOT NULL DEFAULT 0,
    base_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
) WITHOUT ROWID;
