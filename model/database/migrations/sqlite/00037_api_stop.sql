-- +goose Up
CREATE TABLE IF NOT EXISTS api_stops (
    account_id TEXT NOT NULL DEFAULT '',
    api TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    stopped_until INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, api)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS api_stops_until ON api_stops (stopped_until);
