-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS retention_settings (
    account_id CHAR(36) NOT NULL DEFAULT '',
    grace_days BIGINT NOT NULL DEFAULT 0,
    from_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS erasures (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    open_member_id CHAR(36) NULL,
    cause VARCHAR(16) NOT NULL DEFAULT '',
    how VARCHAR(16) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    waits_for VARCHAR(16) NOT NULL DEFAULT '',
    due_at BIGINT NOT NULL DEFAULT 0,
    step BIGINT NOT NULL DEFAULT 0,
    dirty TINYINT(1) NOT NULL DEFAULT 0,
    subject MEDIUMTEXT NOT NULL,
    counts MEDIUMTEXT NOT NULL,
    files BIGINT NOT NULL DEFAULT 0,
    asked_at BIGINT NOT NULL DEFAULT 0,
    cut_at BIGINT NOT NULL DEFAULT 0,
    round_at BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY erasures_open (open_member_id),
    KEY erasures_account (account_id, id),
    KEY erasures_due (due_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- No form of CREATE INDEX IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'followers' AND index_name = 'followers_left') > 0,
    'DO 0', 'CREATE INDEX followers_left ON followers (account_id, kind, subscribed, unsubscribed_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
