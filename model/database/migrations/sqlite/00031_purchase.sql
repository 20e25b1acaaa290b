-- +goose Up
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    hash TEXT NOT NULL DEFAULT '',
    head TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS api_keys_hash ON api_keys (hash);
CREATE INDEX IF NOT EXISTS api_keys_account ON api_keys (account_id, id);
CREATE TABLE IF NOT EXISTS purchases (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    bought_by TEXT NOT NULL DEFAULT '',
    external_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    paid_at INTEGER NOT NULL DEFAULT 0,
    amount INTEGER NOT NULL DEFAULT 0,
    refund_of TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    source_kind TEXT NOT NULL DEFAULT '',
    source_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS purchases_external ON purchases (account_id, external_id);
CREATE INDEX IF NOT EXISTS purchases_member ON purchases (member_id, paid_at, amount);
CREATE INDEX IF NOT EXISTS purchases_bought_by ON purchases (bought_by);
CREATE INDEX IF NOT EXISTS purchases_refund ON purchases (account_id, refund_of);
CREATE TABLE IF NOT EXISTS purchase_items (
    purchase_id TEXT NOT NULL DEFAULT '',
    line INTEGER NOT NULL DEFAULT 0,
    member_id TEXT NOT NULL DEFAULT '',
    paid_at INTEGER NOT NULL DEFAULT 0,
    sku TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL DEFAULT 0,
    amount INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (purchase_id, line)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_member ON purchase_items (member_id, category, paid_at);
CREATE TABLE IF NOT EXISTS purchase_totals (
    member_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    purchases INTEGER NOT NULL DEFAULT 0,
    amount INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id)
);
CREATE INDEX IF NOT EXISTS totals_last ON purchase_totals (account_id, last_at);
