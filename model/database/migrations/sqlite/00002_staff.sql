-- +goose Up
CREATE TABLE IF NOT EXISTS regions (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    parent_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS regions_account ON regions (account_id);
CREATE TABLE IF NOT EXISTS stores (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    region_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL DEFAULT '',
    greeting TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS stores_code ON stores (account_id, code);
CREATE INDEX IF NOT EXISTS stores_region ON stores (region_id);
CREATE TABLE IF NOT EXISTS staff (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    phone_hash TEXT NOT NULL DEFAULT '',
    phone_sealed BLOB NULL,
    name TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    region_id TEXT NOT NULL DEFAULT '',
    password_hash TEXT NOT NULL DEFAULT '',
    password_changed_at INTEGER NOT NULL DEFAULT 0,
    otp_sealed BLOB NULL,
    otp_enabled INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    away INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL DEFAULT 0,
    assigned_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    left_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS staff_phone ON staff (account_id, phone_hash);
CREATE INDEX IF NOT EXISTS staff_store ON staff (store_id);
CREATE TABLE IF NOT EXISTS staff_assignments (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    region_id TEXT NOT NULL DEFAULT '',
    from_at INTEGER NOT NULL DEFAULT 0,
    to_at INTEGER NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS assignments_staff ON staff_assignments (staff_id);
CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    csrf_hash TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (token_hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_staff ON sessions (staff_id);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires_at);
CREATE TABLE IF NOT EXISTS throttles (
    key_hash TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,
    window_at INTEGER NOT NULL DEFAULT 0,
    blocked_until INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key_hash)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audits (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    actor_kind TEXT NOT NULL DEFAULT '',
    actor_id TEXT NOT NULL DEFAULT '',
    action TEXT NOT NULL DEFAULT '',
    object TEXT NOT NULL DEFAULT '',
    object_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    request_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS audits_at ON audits (account_id, at);
CREATE INDEX IF NOT EXISTS audits_member ON audits (member_id);
CREATE TABLE IF NOT EXISTS idempotency_keys (
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    key_hash TEXT NOT NULL DEFAULT '',
    request_hash TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, staff_id, key_hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_created ON idempotency_keys (created_at);
