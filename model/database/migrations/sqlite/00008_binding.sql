-- +goose Up
CREATE TABLE IF NOT EXISTS codes (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    scene TEXT NOT NULL DEFAULT '',
    target TEXT NULL,
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    greeting TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    ticket TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    expires_at INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    used_at INTEGER NOT NULL DEFAULT 0,
    used_by TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS codes_scene ON codes (account_id, scene);
CREATE UNIQUE INDEX IF NOT EXISTS codes_target ON codes (account_id, target);
CREATE INDEX IF NOT EXISTS codes_clerk ON codes (account_id, clerk_id);
CREATE INDEX IF NOT EXISTS codes_member ON codes (member_id);
CREATE TABLE IF NOT EXISTS scans (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    code_id TEXT NOT NULL DEFAULT '',
    scene TEXT NOT NULL DEFAULT '',
    follower_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    followed INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS scans_at ON scans (account_id, at);
CREATE INDEX IF NOT EXISTS scans_code ON scans (code_id, at);
CREATE TABLE IF NOT EXISTS binding_requests (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    follower_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    from_clerk_id TEXT NOT NULL DEFAULT '',
    to_clerk_id TEXT NOT NULL DEFAULT '',
    to_store_id TEXT NOT NULL DEFAULT '',
    code_id TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS requests_state ON binding_requests (account_id, state, created_at);
