-- +goose Up
CREATE TABLE IF NOT EXISTS member_attributes (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    valid_from INTEGER NOT NULL DEFAULT 0,
    by_kind TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS attributes_member ON member_attributes (member_id, name, valid_from);
CREATE TABLE IF NOT EXISTS member_tags (
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    tag TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id, tag)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_account ON member_tags (account_id, tag);
CREATE TABLE IF NOT EXISTS member_classes (
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    class TEXT NOT NULL DEFAULT '',
    sub_class TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS classes_account ON member_classes (account_id, class);
CREATE TABLE IF NOT EXISTS member_notes (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    author_id TEXT NOT NULL DEFAULT '',
    author_name TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS notes_member ON member_notes (member_id, created_at);
CREATE TABLE IF NOT EXISTS drafts (
    account_id TEXT NOT NULL DEFAULT '',
    conversation_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, staff_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS drafts_staff ON drafts (staff_id);
CREATE TABLE IF NOT EXISTS phrases (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    scope TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    situation TEXT NOT NULL DEFAULT '',
    sort INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS phrases_list ON phrases (account_id, scope, store_id, staff_id);
CREATE TABLE IF NOT EXISTS member_imports (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    request_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    headings TEXT NOT NULL DEFAULT '',
    mapping TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    duplicates TEXT NOT NULL DEFAULT '',
    total INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    lease_until INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS imports_list ON member_imports (account_id, by_id);
CREATE INDEX IF NOT EXISTS imports_due ON member_imports (state, lease_until);
CREATE TABLE IF NOT EXISTS member_import_parts (
    import_id TEXT NOT NULL DEFAULT '',
    first_row INTEGER NOT NULL DEFAULT 0,
    sealed BLOB NULL,
    PRIMARY KEY (import_id, first_row)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member_import_refusals (
    import_id TEXT NOT NULL DEFAULT '',
    row_no INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, row_no)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scans_member ON scans (member_id, at);
CREATE INDEX IF NOT EXISTS scans_follower ON scans (follower_id, at);
ALTER TABLE accounts ADD COLUMN wait_amber_minutes INTEGER NOT NULL DEFAULT 10;
ALTER TABLE accounts ADD COLUMN wait_red_minutes INTEGER NOT NULL DEFAULT 30;
