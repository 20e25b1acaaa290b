-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS pushes (
    lane SMALLINT NOT NULL DEFAULT 0,
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    dedupe VARBINARY(32) NOT NULL,
    openid VARCHAR(64) NOT NULL DEFAULT '',
    msg_type VARCHAR(64) NOT NULL DEFAULT '',
    event VARCHAR(64) NOT NULL DEFAULT '',
    body MEDIUMBLOB NULL,
    state SMALLINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(255) NOT NULL DEFAULT '',
    due_at BIGINT NOT NULL DEFAULT 0,
    received_at BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, id),
    UNIQUE KEY pushes_dedupe (dedupe),
    KEY pushes_work (state, lane, id),
    KEY pushes_received (received_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS leases (
    name VARCHAR(64) NOT NULL DEFAULT '',
    owner VARCHAR(64) NOT NULL DEFAULT '',
    until_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
