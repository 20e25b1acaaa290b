-- +goose Up
CREATE TABLE IF NOT EXISTS members (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    initials TEXT NOT NULL DEFAULT '',
    phone_sealed BLOB NULL,
    phone_tail_hash TEXT NOT NULL DEFAULT '',
    card_no TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    bound_at INTEGER NOT NULL DEFAULT 0,
    level TEXT NOT NULL DEFAULT '',
    points INTEGER NOT NULL DEFAULT 0,
    merged_into TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS members_list ON members (account_id, created_at);
CREATE INDEX IF NOT EXISTS members_store ON members (account_id, store_id);
CREATE INDEX IF NOT EXISTS members_clerk ON members (account_id, clerk_id);
CREATE INDEX IF NOT EXISTS members_tail ON members (phone_tail_hash);
CREATE TABLE IF NOT EXISTS member_identities (
    account_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, kind, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identities_member ON member_identities (member_id);
CREATE TABLE IF NOT EXISTS followers (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    openid TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    subscribed INTEGER NOT NULL DEFAULT 0,
    subscribed_at INTEGER NOT NULL DEFAULT 0,
    unsubscribed_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS followers_openid ON followers (account_id, openid);
CREATE INDEX IF NOT EXISTS followers_member ON followers (member_id);
CREATE TABLE IF NOT EXISTS bindings (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    from_at INTEGER NOT NULL DEFAULT 0,
    to_at INTEGER NULL,
    open_member_id TEXT NULL,
    how TEXT NOT NULL DEFAULT '',
    by_kind TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    source_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS bindings_open ON bindings (open_member_id);
CREATE INDEX IF NOT EXISTS bindings_member ON bindings (member_id, from_at);
CREATE INDEX IF NOT EXISTS bindings_clerk ON bindings (clerk_id, from_at);
CREATE TABLE IF NOT EXISTS member_access (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    from_at INTEGER NOT NULL DEFAULT 0,
    to_at INTEGER NOT NULL DEFAULT 0,
    source_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS access_member ON member_access (member_id);
CREATE INDEX IF NOT EXISTS access_staff ON member_access (staff_id, to_at);
CREATE TABLE IF NOT EXISTS merges (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    from_member_id TEXT NOT NULL DEFAULT '',
    into_member_id TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    moved TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    undone_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS merges_from ON merges (from_member_id);
CREATE INDEX IF NOT EXISTS merges_into ON merges (into_member_id);
