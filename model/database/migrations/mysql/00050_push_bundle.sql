-- +goose NO TRANSACTION
-- +goose Up
-- Pushes that share a commit lie in one row per lane until they are worked off.
CREATE TABLE IF NOT EXISTS push_bundles (
    lane SMALLINT NOT NULL DEFAULT 0,
    id CHAR(36) NOT NULL DEFAULT '',
    pushes BIGINT NOT NULL DEFAULT 0,
    body MEDIUMBLOB NULL,
    received_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
