-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS complaints (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    made_by CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    channel VARCHAR(16) NOT NULL DEFAULT '',
    text MEDIUMTEXT NOT NULL,
    recorded_by CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    closed_at BIGINT NOT NULL DEFAULT 0,
    closed_by CHAR(36) NOT NULL DEFAULT '',
    result MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id),
    KEY complaints_member (member_id, closed_at),
    KEY complaints_account (account_id, closed_at, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
