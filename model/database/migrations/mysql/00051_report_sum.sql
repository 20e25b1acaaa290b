-- +goose NO TRANSACTION
-- +goose Up
-- Messages of members are the bulk of what reports count; those of one transaction are summed up where they are written.
CREATE TABLE IF NOT EXISTS report_sums (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    messages_in BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
