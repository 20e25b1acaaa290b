-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS api_stops (
    account_id CHAR(36) NOT NULL DEFAULT '',
    api VARCHAR(64) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    stopped_until BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, api),
    KEY api_stops_until (stopped_until)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
