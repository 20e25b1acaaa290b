-- +goose Up
-- Messages of members are the bulk of what reports count; those of one transaction are summed up where they are written.
CREATE TABLE IF NOT EXISTS report_sums (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    messages_in INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
