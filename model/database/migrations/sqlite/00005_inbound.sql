-- +goose Up
CREATE TABLE IF NOT EXISTS pushes (
    lane INTEGER NOT NULL DEFAULT 0,
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    dedupe BLOB NOT NULL,
    openid TEXT NOT NULL DEFAULT '',
    msg_type TEXT NOT NULL DEFAULT '',
    event TEXT NOT NULL DEFAULT '',
    body BLOB NULL,
    state INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    due_at INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS pushes_dedupe ON pushes (dedupe);
CREATE INDEX IF NOT EXISTS pushes_work ON pushes (state, lane, id);
CREATE INDEX IF NOT EXISTS pushes_received ON pushes (received_at);
CREATE TABLE IF NOT EXISTS leases (
    name TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    until_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) WITHOUT ROWID;
