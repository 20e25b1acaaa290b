-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS members (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    kind VARCHAR(16) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    initials VARCHAR(64) NOT NULL DEFAULT '',
    phone_sealed VARBINARY(255) NULL,
    phone_tail_hash VARCHAR(64) NOT NULL DEFAULT '',
    card_no VARCHAR(64) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    bound_at BIGINT NOT NULL DEFAULT 0,
    level VARCHAR(16) NOT NULL DEFAULT '',
    points BIGINT NOT NULL DEFAULT 0,
    merged_into CHAR(36) NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY members_list (account_id, created_at),
    KEY members_store (account_id, store_id),
    KEY members_clerk (account_id, clerk_id),
    KEY members_tail (phone_tail_hash)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_identities (
    account_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    value VARCHAR(128) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, kind, value),
    KEY identities_member (member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS followers (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    openid VARCHAR(64) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    subscribed TINYINT(1) NOT NULL DEFAULT 0,
    subscribed_at BIGINT NOT NULL DEFAULT 0,
    unsubscribed_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY followers_openid (account_id, openid),
    KEY followers_member (member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS bindings (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    from_at BIGINT NOT NULL DEFAULT 0,
    to_at BIGINT NULL,
    open_member_id CHAR(36) NULL,
    how VARCHAR(16) NOT NULL DEFAULT '',
    by_kind VARCHAR(16) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    source_id CHAR(36) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE KEY bindings_open (open_member_id),
    KEY bindings_member (member_id, from_at),
    KEY bindings_clerk (clerk_id, from_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_access (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    from_at BIGINT NOT NULL DEFAULT 0,
    to_at BIGINT NOT NULL DEFAULT 0,
    source_id CHAR(36) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    KEY access_member (member_id),
    KEY access_staff (staff_id, to_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS merges (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    from_member_id CHAR(36) NOT NULL DEFAULT '',
    into_member_id CHAR(36) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    moved TEXT NOT NULL,
    created_at BIGINT NOT NULL DEFAULT 0,
    undone_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY merges_from (from_member_id),
    KEY merges_into (into_member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
