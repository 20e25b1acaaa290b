-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS feed_streams (
    stream VARCHAR(64) NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    pruned_seq BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (stream)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS feed_events (
    stream VARCHAR(64) NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    account_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(32) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    data TEXT NOT NULL,
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (stream, seq),
    KEY feed_events_at (at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS feed_readers (
    staff_id CHAR(36) NOT NULL DEFAULT '',
    stream VARCHAR(64) NOT NULL DEFAULT '',
    base_seq BIGINT NOT NULL DEFAULT 0,
    base_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
