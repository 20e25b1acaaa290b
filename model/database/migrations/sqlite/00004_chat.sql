-- +goose Up
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    follower_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    rank_at INTEGER NOT NULL DEFAULT 0,
    last_seq INTEGER NOT NULL DEFAULT 0,
    read_seq INTEGER NOT NULL DEFAULT 0,
    answered_seq INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    waiting_since INTEGER NOT NULL DEFAULT 0,
    last_kind TEXT NOT NULL DEFAULT '',
    last_text TEXT NOT NULL DEFAULT '',
    last_direction TEXT NOT NULL DEFAULT '',
    last_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS conversations_follower ON conversations (follower_id);
CREATE INDEX IF NOT EXISTS conversations_queue ON conversations (account_id, store_id, clerk_id, rank_at);
CREATE INDEX IF NOT EXISTS conversations_member ON conversations (member_id);
CREATE INDEX IF NOT EXISTS conversations_store ON conversations (store_id, rank_at);
CREATE INDEX IF NOT EXISTS conversations_clerk ON conversations (clerk_id, rank_at);
CREATE TABLE IF NOT EXISTS messages (
    shard INTEGER NOT NULL DEFAULT 0,
    conversation_id TEXT NOT NULL DEFAULT '',
    seq INTEGER NOT NULL DEFAULT 0,
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    direction TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    media_id TEXT NOT NULL DEFAULT '',
    payload TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    author_kind TEXT NOT NULL DEFAULT '',
    author_id TEXT NOT NULL DEFAULT '',
    author_name TEXT NOT NULL DEFAULT '',
    on_behalf_of TEXT NOT NULL DEFAULT '',
    client_id TEXT NULL,
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (shard, conversation_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS messages_client ON messages (conversation_id, client_id);
CREATE UNIQUE INDEX IF NOT EXISTS messages_id ON messages (id);
