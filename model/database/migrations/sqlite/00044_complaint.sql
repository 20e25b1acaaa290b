-- +goose Up
CREATE TABLE IF NOT EXISTS complaints (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    made_by TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    recorded_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    closed_at INTEGER NOT NULL DEFAULT 0,
    closed_by TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS complaints_member ON complaints (member_id, closed_at);
CREATE INDEX IF NOT EXISTS complaints_account ON complaints (account_id, closed_at, id);
