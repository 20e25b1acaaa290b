-- +goose Up
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT NOT NULL DEFAULT '',
    appid TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    original_id TEXT NOT NULL DEFAULT '',
    secret_sealed BLOB NULL,
    token_sealed BLOB NULL,
    aes_key_sealed BLOB NULL,
    aes_key_previous_sealed BLOB NULL,
    state TEXT NOT NULL DEFAULT '',
    state_reason TEXT NOT NULL DEFAULT '',
    greeting TEXT NOT NULL DEFAULT '',
    second_scan TEXT NOT NULL DEFAULT '',
    codes_used INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS accounts_appid ON accounts (appid);
