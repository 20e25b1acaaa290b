-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS accounts (
    id CHAR(36) NOT NULL DEFAULT '',
    appid VARCHAR(64) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    original_id VARCHAR(64) NOT NULL DEFAULT '',
    secret_sealed VARBINARY(1024) NULL,
    token_sealed VARBINARY(1024) NULL,
    aes_key_sealed VARBINARY(1024) NULL,
    aes_key_previous_sealed VARBINARY(1024) NULL,
    state VARCHAR(16) NOT NULL DEFAULT '',
    state_reason VARCHAR(64) NOT NULL DEFAULT '',
    greeting VARCHAR(600) NOT NULL DEFAULT '',
    second_scan VARCHAR(16) NOT NULL DEFAULT '',
    codes_used BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY accounts_appid (appid)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
