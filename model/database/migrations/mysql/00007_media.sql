-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS media (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    conversation_id CHAR(36) NOT NULL DEFAULT '',
    message_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    direction VARCHAR(8) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    wechat_media_id VARCHAR(255) NOT NULL DEFAULT '',
    wechat_until BIGINT NOT NULL DEFAULT 0,
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    content_type VARCHAR(64) NOT NULL DEFAULT '',
    size BIGINT NOT NULL DEFAULT 0,
    sha256 VARCHAR(64) NOT NULL DEFAULT '',
    blob_key VARCHAR(128) NOT NULL DEFAULT '',
    tries BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY media_conversation (conversation_id),
    KEY media_due (state, due_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
