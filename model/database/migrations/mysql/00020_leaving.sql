-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS hand_ins (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    open_staff_id CHAR(36) NULL,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    ended_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY hand_ins_open (open_staff_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS hand_in_items (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    hand_in_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    title VARCHAR(200) NOT NULL DEFAULT '',
    place BIGINT NOT NULL DEFAULT 0,
    done TINYINT(1) NOT NULL DEFAULT 0,
    note VARCHAR(1000) NOT NULL DEFAULT '',
    changed_by CHAR(36) NOT NULL DEFAULT '',
    changed_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY hand_in_items_list (hand_in_id, place)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS hand_in_signatures (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    hand_in_id CHAR(36) NOT NULL DEFAULT '',
    side VARCHAR(16) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    staff_name VARCHAR(255) NOT NULL DEFAULT '',
    version BIGINT NOT NULL DEFAULT 0,
    content MEDIUMTEXT NOT NULL,
    signed_at BIGINT NOT NULL DEFAULT 0,
    voided_at BIGINT NOT NULL DEFAULT 0,
    voided_by CHAR(36) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    KEY hand_in_signatures_list (hand_in_id, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS browsings (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    day VARCHAR(10) NOT NULL DEFAULT '',
    files BIGINT NOT NULL DEFAULT 0,
    usual BIGINT NOT NULL DEFAULT 0,
    leaving TINYINT(1) NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY browsings_day (staff_id, day),
    KEY browsings_account (account_id, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- No form of ADD COLUMN IF NOT EXISTS or CREATE INDEX IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'substitutes' AND column_name = 'told_from') = 0, 'ALTER TABLE substitutes ADD COLUMN told_from BIGINT NOT NULL DEFAULT 0', 'SELECT 1');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'substitutes' AND column_name = 'told_to') = 0, 'ALTER TABLE substitutes ADD COLUMN told_to BIGINT NOT NULL DEFAULT 0', 'SELECT 1');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'audits' AND index_name = 'audits_actor') = 0, 'CREATE INDEX audits_actor ON audits (actor_id, action, at, member_id)', 'SELECT 1');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
