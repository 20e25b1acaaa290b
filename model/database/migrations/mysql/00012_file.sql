-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS member_attributes (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    name VARCHAR(32) NOT NULL DEFAULT '',
    value MEDIUMTEXT NOT NULL,
    valid_from BIGINT NOT NULL DEFAULT 0,
    by_kind VARCHAR(16) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY attributes_member (member_id, name, valid_from)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_tags (
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    tag VARCHAR(64) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id, tag),
    KEY tags_account (account_id, tag)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_classes (
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    class VARCHAR(16) NOT NULL DEFAULT '',
    sub_class VARCHAR(64) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id),
    KEY classes_account (account_id, class)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_notes (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    author_id CHAR(36) NOT NULL DEFAULT '',
    author_name VARCHAR(255) NOT NULL DEFAULT '',
    text MEDIUMTEXT NOT NULL,
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY notes_member (member_id, created_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS drafts (
    account_id CHAR(36) NOT NULL DEFAULT '',
    conversation_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    text MEDIUMTEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, staff_id),
    KEY drafts_staff (staff_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS phrases (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    scope VARCHAR(16) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    title VARCHAR(255) NOT NULL DEFAULT '',
    text MEDIUMTEXT NOT NULL,
    situation VARCHAR(64) NOT NULL DEFAULT '',
    sort BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY phrases_list (account_id, scope, store_id, staff_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_imports (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    request_id VARCHAR(64) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    headings MEDIUMTEXT NOT NULL,
    mapping MEDIUMTEXT NOT NULL,
    store_id CHAR(36) NOT NULL DEFAULT '',
    duplicates VARCHAR(16) NOT NULL DEFAULT '',
    total BIGINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    started_at BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY imports_list (account_id, by_id),
    KEY imports_due (state, lease_until)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_import_parts (
    import_id CHAR(36) NOT NULL DEFAULT '',
    first_row BIGINT NOT NULL DEFAULT 0,
    sealed MEDIUMBLOB NULL,
    PRIMARY KEY (import_id, first_row)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS member_import_refusals (
    import_id CHAR(36) NOT NULL DEFAULT '',
    row_no BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, row_no)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- What an older table gets is looked for first: not every server knows IF NOT EXISTS here, and this may run again.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'scans' AND index_name = 'scans_member') > 0,
    'DO 0', 'CREATE INDEX scans_member ON scans (member_id, at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'scans' AND index_name = 'scans_follower') > 0,
    'DO 0', 'CREATE INDEX scans_follower ON scans (follower_id, at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'wait_red_minutes') > 0,
    'DO 0', 'ALTER TABLE accounts ADD COLUMN wait_amber_minutes BIGINT NOT NULL DEFAULT 10, ADD COLUMN wait_red_minutes BIGINT NOT NULL DEFAULT 30');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
