-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS subscription_grants (
    account_id CHAR(36) NOT NULL DEFAULT '',
    openid VARCHAR(64) NOT NULL DEFAULT '',
    template_id VARCHAR(64) NOT NULL DEFAULT '',
    remaining BIGINT NOT NULL DEFAULT 0,
    granted BIGINT NOT NULL DEFAULT 0,
    how VARCHAR(16) NOT NULL DEFAULT '',
    granted_at BIGINT NOT NULL DEFAULT 0,
    used_at BIGINT NOT NULL DEFAULT 0,
    ended_at BIGINT NOT NULL DEFAULT 0,
    ended_how VARCHAR(16) NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, openid, template_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
