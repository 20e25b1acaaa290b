-- +goose Up
CREATE TABLE IF NOT EXISTS hand_ins (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    open_staff_id TEXT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS hand_ins_open ON hand_ins (open_staff_id);
CREATE TABLE IF NOT EXISTS hand_in_items (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    hand_in_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    place INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    changed_by TEXT NOT NULL DEFAULT '',
    changed_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS hand_in_items_list ON hand_in_items (hand_in_id, place);
CREATE TABLE IF NOT EXISTS hand_in_signatures (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    hand_in_id TEXT NOT NULL DEFAULT '',
    side TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    staff_name TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL DEFAULT '',
    signed_at INTEGER NOT NULL DEFAULT 0,
    voided_at INTEGER NOT NULL DEFAULT 0,
    voided_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS hand_in_signatures_list ON hand_in_signatures (hand_in_id, id);
CREATE TABLE IF NOT EXISTS browsings (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    day TEXT NOT NULL DEFAULT '',
    files INTEGER NOT NULL DEFAULT 0,
    usual INTEGER NOT NULL DEFAULT 0,
    leaving INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS browsings_day ON browsings (staff_id, day);
CREATE INDEX IF NOT EXISTS browsings_account ON browsings (account_id, id);
CREATE INDEX IF NOT EXISTS audits_actor ON audits (actor_id, action, at, member_id);
ALTER TABLE substitutes ADD COLUMN told_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE substitutes ADD COLUMN told_to INTEGER NOT NULL DEFAULT 0;
