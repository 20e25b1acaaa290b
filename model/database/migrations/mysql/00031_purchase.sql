-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS api_keys (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    hash CHAR(64) NOT NULL DEFAULT '',
    head VARCHAR(16) NOT NULL DEFAULT '',
    created_by CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    last_used_at BIGINT NOT NULL DEFAULT 0,
    revoked_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY api_keys_hash (hash),
    KEY api_keys_account (account_id, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS purchases (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    bought_by CHAR(36) NOT NULL DEFAULT '',
    external_id VARCHAR(64) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    paid_at BIGINT NOT NULL DEFAULT 0,
    amount BIGINT NOT NULL DEFAULT 0,
    refund_of VARCHAR(64) NOT NULL DEFAULT '',
    digest CHAR(64) NOT NULL DEFAULT '',
    source_kind VARCHAR(16) NOT NULL DEFAULT '',
    source_id CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY purchases_external (account_id, external_id),
    KEY purchases_member (member_id, paid_at, amount),
    KEY purchases_bought_by (bought_by),
    KEY purchases_refund (account_id, refund_of)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS purchase_items (
    purchase_id CHAR(36) NOT NULL DEFAULT '',
    line BIGINT NOT NULL DEFAULT 0,
    member_id CHAR(36) NOT NULL DEFAULT '',
    paid_at BIGINT NOT NULL DEFAULT 0,
    sku VARCHAR(64) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    category VARCHAR(64) NOT NULL DEFAULT '',
    quantity BIGINT NOT NULL DEFAULT 0,
    amount BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (purchase_id, line),
    KEY items_member (member_id, category, paid_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS purchase_totals (
    member_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    purchases BIGINT NOT NULL DEFAULT 0,
    amount BIGINT NOT NULL DEFAULT 0,
    first_at BIGINT NOT NULL DEFAULT 0,
    last_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id),
    KEY totals_last (account_id, last_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
