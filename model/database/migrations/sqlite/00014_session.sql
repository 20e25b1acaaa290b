-- +goose Up
CREATE TABLE IF NOT EXISTS sign_in_codes (
    staff_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    secret_hash TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    used_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS sign_in_codes_secret ON sign_in_codes (secret_hash);
CREATE INDEX IF NOT EXISTS sign_in_codes_expires ON sign_in_codes (expires_at);
ALTER TABLE sessions ADD COLUMN by_code INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN business_hours TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN business_hours TEXT NOT NULL DEFAULT '';
