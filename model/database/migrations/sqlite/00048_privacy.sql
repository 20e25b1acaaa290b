-- +goose Up
CREATE TABLE IF NOT EXISTS retention_settings (
    account_id TEXT NOT NULL DEFAULT '',
    grace_days INTEGER NOT NULL DEFAULT 0,
    from_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
);
CREATE TABLE IF NOT EXISTS erasures (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    open_member_id TEXT NULL,
    cause TEXT NOT NULL DEFAULT '',
    how TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    waits_for TEXT NOT NULL DEFAULT '',
    due_at INTEGER NOT NULL DEFAULT 0,
    step INTEGER NOT NULL DEFAULT 0,
    dirty INTEGER NOT NULL DEFAULT 0,
    subject TEXT NOT NULL DEFAULT '',
    counts TEXT NOT NULL DEFAULT '',
    files INTEGER NOT NULL DEFAULT 0,
    asked_at INTEGER NOT NULL DEFAULT 0,
    cut_at INTEGER NOT NULL DEFAULT 0,
    round_at INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS erasures_open ON erasures (open_member_id);
CREATE INDEX IF NOT EXISTS erasures_account ON erasures (account_id, id);
CREATE INDEX IF NOT EXISTS erasures_due ON erasures (due_at);
CREATE INDEX IF NOT EXISTS followers_left ON followers (account_id, kind, subscribed, unsubscribed_at);
