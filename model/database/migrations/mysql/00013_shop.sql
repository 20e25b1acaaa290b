-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS duty_plans (
    staff_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    daily_cap BIGINT NOT NULL DEFAULT 0,
    backup TINYINT(1) NOT NULL DEFAULT 0,
    intake_day VARCHAR(10) NOT NULL DEFAULT '',
    intake BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS duty_hours (
    staff_id CHAR(36) NOT NULL DEFAULT '',
    weekday SMALLINT NOT NULL DEFAULT 0,
    from_minute SMALLINT NOT NULL DEFAULT 0,
    to_minute SMALLINT NOT NULL DEFAULT 0,
    account_id CHAR(36) NOT NULL DEFAULT '',
    PRIMARY KEY (staff_id, weekday, from_minute)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS report_facts (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    took BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS report_days (
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    day VARCHAR(10) NOT NULL DEFAULT '',
    new_members BIGINT NOT NULL DEFAULT 0,
    scans BIGINT NOT NULL DEFAULT 0,
    unfollows BIGINT NOT NULL DEFAULT 0,
    messages_in BIGINT NOT NULL DEFAULT 0,
    messages_out BIGINT NOT NULL DEFAULT 0,
    answered BIGINT NOT NULL DEFAULT 0,
    answers_30s BIGINT NOT NULL DEFAULT 0,
    answers_1m BIGINT NOT NULL DEFAULT 0,
    answers_2m BIGINT NOT NULL DEFAULT 0,
    answers_5m BIGINT NOT NULL DEFAULT 0,
    answers_10m BIGINT NOT NULL DEFAULT 0,
    answers_20m BIGINT NOT NULL DEFAULT 0,
    answers_30m BIGINT NOT NULL DEFAULT 0,
    answers_1h BIGINT NOT NULL DEFAULT 0,
    answers_2h BIGINT NOT NULL DEFAULT 0,
    answers_4h BIGINT NOT NULL DEFAULT 0,
    answers_1d BIGINT NOT NULL DEFAULT 0,
    answers_later BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, store_id, clerk_id, day),
    KEY report_days_day (account_id, day)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS notices (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    conversation_id CHAR(36) NOT NULL DEFAULT '',
    minute BIGINT NOT NULL DEFAULT 0,
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    tries BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY notices_once (staff_id, member_id, minute),
    KEY notices_due (state, due_at),
    KEY notices_created (created_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS waiting_marks (
    conversation_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    waiting_since BIGINT NOT NULL DEFAULT 0,
    step VARCHAR(8) NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS notice_settings (
    account_id CHAR(36) NOT NULL DEFAULT '',
    template_id VARCHAR(64) NOT NULL DEFAULT '',
    field VARCHAR(32) NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS staff_links (
    staff_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    follower_id CHAR(36) NOT NULL DEFAULT '',
    linked_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id),
    UNIQUE KEY staff_links_follower (follower_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
