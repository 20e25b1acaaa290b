-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS campaign_answers (
    conversation_id CHAR(36) NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    campaign_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    PRIMARY KEY (conversation_id, seq)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
