-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS member_profiles (
    member_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    birthday CHAR(10) NOT NULL DEFAULT '',
    birth_day CHAR(5) NOT NULL DEFAULT '',
    sex VARCHAR(16) NOT NULL DEFAULT '',
    channel VARCHAR(16) NOT NULL DEFAULT '',
    PRIMARY KEY (member_id),
    KEY profiles_birth_day (account_id, birth_day)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_children (
    member_id CHAR(36) NOT NULL DEFAULT '',
    position BIGINT NOT NULL DEFAULT 0,
    birthday CHAR(10) NOT NULL DEFAULT '',
    sex VARCHAR(16) NOT NULL DEFAULT '',
    PRIMARY KEY (member_id, position)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS consents (
    member_id CHAR(36) NOT NULL DEFAULT '',
    purpose VARCHAR(16) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id, purpose)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS consent_records (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    purpose VARCHAR(16) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    how VARCHAR(16) NOT NULL DEFAULT '',
    text MEDIUMTEXT NOT NULL,
    by_kind VARCHAR(16) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY consent_records_member (member_id, at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS segments (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    scope VARCHAR(16) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    filter MEDIUMTEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY segments_list (account_id, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
