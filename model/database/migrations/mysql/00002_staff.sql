-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS regions (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    parent_id CHAR(36) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY regions_account (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS stores (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    code VARCHAR(64) NOT NULL DEFAULT '',
    region_id CHAR(36) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    time_zone VARCHAR(64) NOT NULL DEFAULT '',
    greeting VARCHAR(600) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY stores_code (account_id, code),
    KEY stores_region (region_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS staff (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    phone_hash VARCHAR(64) NOT NULL DEFAULT '',
    phone_sealed VARBINARY(255) NULL,
    name VARCHAR(255) NOT NULL DEFAULT '',
    role VARCHAR(16) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    region_id CHAR(36) NOT NULL DEFAULT '',
    password_hash VARCHAR(255) NOT NULL DEFAULT '',
    password_changed_at BIGINT NOT NULL DEFAULT 0,
    otp_sealed VARBINARY(255) NULL,
    otp_enabled TINYINT(1) NOT NULL DEFAULT 0,
    active TINYINT(1) NOT NULL DEFAULT 0,
    away TINYINT(1) NOT NULL DEFAULT 0,
    seen_at BIGINT NOT NULL DEFAULT 0,
    assigned_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    left_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY staff_phone (account_id, phone_hash),
    KEY staff_store (store_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS staff_assignments (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    role VARCHAR(16) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    region_id CHAR(36) NOT NULL DEFAULT '',
    from_at BIGINT NOT NULL DEFAULT 0,
    to_at BIGINT NULL,
    PRIMARY KEY (id),
    KEY assignments_staff (staff_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS sessions (
    token_hash VARCHAR(64) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    csrf_hash VARCHAR(64) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    seen_at BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (token_hash),
    KEY sessions_staff (staff_id),
    KEY sessions_expires (expires_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS throttles (
    key_hash VARCHAR(64) NOT NULL DEFAULT '',
    failures BIGINT NOT NULL DEFAULT 0,
    window_at BIGINT NOT NULL DEFAULT 0,
    blocked_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (key_hash)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS audits (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    actor_kind VARCHAR(16) NOT NULL DEFAULT '',
    actor_id CHAR(36) NOT NULL DEFAULT '',
    action VARCHAR(64) NOT NULL DEFAULT '',
    object VARCHAR(32) NOT NULL DEFAULT '',
    object_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    detail VARCHAR(500) NOT NULL DEFAULT '',
    request_id VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    KEY audits_at (account_id, at),
    KEY audits_member (member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS idempotency_keys (
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    key_hash VARCHAR(64) NOT NULL DEFAULT '',
    request_hash VARCHAR(64) NOT NULL DEFAULT '',
    status BIGINT NOT NULL DEFAULT 0,
    body MEDIUMTEXT NOT NULL,
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, staff_id, key_hash),
    KEY idempotency_created (created_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
