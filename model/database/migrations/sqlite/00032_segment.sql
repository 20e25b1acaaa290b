-- +goose Up
CREATE TABLE IF NOT EXISTS member_profiles (
    member_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    birthday TEXT NOT NULL DEFAULT '',
    birth_day TEXT NOT NULL DEFAULT '',
    sex TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (member_id)
);
CREATE INDEX IF NOT EXISTS profiles_birth_day ON member_profiles (account_id, birth_day);
CREATE TABLE IF NOT EXISTS member_children (
    member_id TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL DEFAULT 0,
    birthday TEXT NOT NULL DEFAULT '',
    sex TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (member_id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consents (
    member_id TEXT NOT NULL DEFAULT '',
    purpose TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id, purpose)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consent_records (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    purpose TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    how TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    by_kind TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS consent_records_member ON consent_records (member_id, at);
CREATE TABLE IF NOT EXISTS segments (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    scope TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS segments_list ON segments (account_id, id);
