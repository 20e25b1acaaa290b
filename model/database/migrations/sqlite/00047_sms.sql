-- +goose Up
CREATE TABLE IF NOT EXISTS sms_settings (
    account_id TEXT NOT NULL DEFAULT '',
    provider TEXT NOT NULL DEFAULT '',
    secret_id_sealed BLOB NULL,
    secret_key_sealed BLOB NULL,
    app_id TEXT NOT NULL DEFAULT '',
    region TEXT NOT NULL DEFAULT '',
    signature TEXT NOT NULL DEFAULT '',
    price INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
);
ALTER TABLE deliveries ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign_recipients ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
