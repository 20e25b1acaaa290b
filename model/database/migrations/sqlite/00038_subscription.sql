-- +goose Up
CREATE TABLE IF NOT EXISTS subscription_grants (
    account_id TEXT NOT NULL DEFAULT '',
    openid TEXT NOT NULL DEFAULT '',
    template_id TEXT NOT NULL DEFAULT '',
    remaining INTEGER NOT NULL DEFAULT 0,
    granted INTEGER NOT NULL DEFAULT 0,
    how TEXT NOT NULL DEFAULT '',
    granted_at INTEGER NOT NULL DEFAULT 0,
    used_at INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0,
    ended_how TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, openid, template_id)
) WITHOUT ROWID;
