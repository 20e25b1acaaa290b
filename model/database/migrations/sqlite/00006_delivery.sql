-- +goose Up
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    follower_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    conversation_id TEXT NOT NULL DEFAULT '',
    message_id TEXT NOT NULL DEFAULT '',
    purpose TEXT NOT NULL DEFAULT '',
    source_kind TEXT NOT NULL DEFAULT '',
    source_id TEXT NOT NULL DEFAULT '',
    author_kind TEXT NOT NULL DEFAULT '',
    author_id TEXT NOT NULL DEFAULT '',
    on_behalf_of TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    channel_reason TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    payload TEXT NOT NULL DEFAULT '',
    dedupe_key TEXT NULL,
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    window_kind TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    lease_until INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS deliveries_dedupe ON deliveries (account_id, dedupe_key);
CREATE INDEX IF NOT EXISTS deliveries_line ON deliveries (follower_id, state, id);
CREATE INDEX IF NOT EXISTS deliveries_account ON deliveries (account_id, state);
CREATE INDEX IF NOT EXISTS deliveries_message ON deliveries (message_id);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due_at);
CREATE TABLE IF NOT EXISTS allowances (
    follower_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    user_left INTEGER NOT NULL DEFAULT 0,
    user_until INTEGER NOT NULL DEFAULT 0,
    event_left INTEGER NOT NULL DEFAULT 0,
    event_until INTEGER NOT NULL DEFAULT 0,
    inflight INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (follower_id)
) WITHOUT ROWID;
