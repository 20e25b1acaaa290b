-- +goose Up
CREATE TABLE IF NOT EXISTS duty_plans (
    staff_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    daily_cap INTEGER NOT NULL DEFAULT 0,
    backup INTEGER NOT NULL DEFAULT 0,
    intake_day TEXT NOT NULL DEFAULT '',
    intake INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
);
CREATE TABLE IF NOT EXISTS duty_hours (
    staff_id TEXT NOT NULL DEFAULT '',
    weekday INTEGER NOT NULL DEFAULT 0,
    from_minute INTEGER NOT NULL DEFAULT 0,
    to_minute INTEGER NOT NULL DEFAULT 0,
    account_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (staff_id, weekday, from_minute)
);
CREATE TABLE IF NOT EXISTS report_facts (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    took INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE TABLE IF NOT EXISTS report_days (
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    day TEXT NOT NULL DEFAULT '',
    new_members INTEGER NOT NULL DEFAULT 0,
    scans INTEGER NOT NULL DEFAULT 0,
    unfollows INTEGER NOT NULL DEFAULT 0,
    messages_in INTEGER NOT NULL DEFAULT 0,
    messages_out INTEGER NOT NULL DEFAULT 0,
    answered INTEGER NOT NULL DEFAULT 0,
    answers_30s INTEGER NOT NULL DEFAULT 0,
    answers_1m INTEGER NOT NULL DEFAULT 0,
    answers_2m INTEGER NOT NULL DEFAULT 0,
    answers_5m INTEGER NOT NULL DEFAULT 0,
    answers_10m INTEGER NOT NULL DEFAULT 0,
    answers_20m INTEGER NOT NULL DEFAULT 0,
    answers_30m INTEGER NOT NULL DEFAULT 0,
    answers_1h INTEGER NOT NULL DEFAULT 0,
    answers_2h INTEGER NOT NULL DEFAULT 0,
    answers_4h INTEGER NOT NULL DEFAULT 0,
    answers_1d INTEGER NOT NULL DEFAULT 0,
    answers_later INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, store_id, clerk_id, day)
);
CREATE INDEX IF NOT EXISTS report_days_day ON report_days (account_id, day);
CREATE TABLE IF NOT EXISTS notices (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    conversation_id TEXT NOT NULL DEFAULT '',
    minute INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    lease_until INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS notices_once ON notices (staff_id, member_id, minute);
CREATE INDEX IF NOT EXISTS notices_due ON notices (state, due_at);
CREATE INDEX IF NOT EXISTS notices_created ON notices (created_at);
CREATE TABLE IF NOT EXISTS waiting_marks (
    conversation_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    waiting_since INTEGER NOT NULL DEFAULT 0,
    step TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id)
);
CREATE TABLE IF NOT EXISTS notice_settings (
    account_id TEXT NOT NULL DEFAULT '',
    template_id TEXT NOT NULL DEFAULT '',
    field TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
);
CREATE TABLE IF NOT EXISTS staff_links (
    staff_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    follower_id TEXT NOT NULL DEFAULT '',
    linked_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS staff_links_follower ON staff_links (follower_id);
