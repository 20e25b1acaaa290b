-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS mass_jobs (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    campaign_id CHAR(36) NOT NULL DEFAULT '',
    text MEDIUMTEXT NOT NULL,
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    month BIGINT NOT NULL DEFAULT 0,
    members BIGINT NOT NULL DEFAULT 0,
    msg_id VARCHAR(32) NOT NULL DEFAULT '',
    tries BIGINT NOT NULL DEFAULT 0,
    first_try_at BIGINT NOT NULL DEFAULT 0,
    onward TINYINT(1) NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    told TINYINT(1) NOT NULL DEFAULT 0,
    counted TINYINT(1) NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    filtered BIGINT NOT NULL DEFAULT 0,
    sent BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY mass_jobs_campaign (campaign_id, id),
    KEY mass_jobs_due (state, due_at),
    KEY mass_jobs_untold (told, state),
    KEY mass_jobs_msg (account_id, msg_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS mass_rations (
    follower_id CHAR(36) NOT NULL DEFAULT '',
    month BIGINT NOT NULL DEFAULT 0,
    slot BIGINT NOT NULL DEFAULT 0,
    account_id CHAR(36) NOT NULL DEFAULT '',
    job_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    PRIMARY KEY (follower_id, month, slot),
    KEY mass_rations_job (job_id, member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS mass_accounts (
    account_id CHAR(36) NOT NULL DEFAULT '',
    day BIGINT NOT NULL DEFAULT 0,
    calls BIGINT NOT NULL DEFAULT 0,
    closed_until BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS mass_results (
    account_id CHAR(36) NOT NULL DEFAULT '',
    msg_id VARCHAR(32) NOT NULL DEFAULT '',
    ok TINYINT(1) NOT NULL DEFAULT 0,
    reason VARCHAR(64) NOT NULL DEFAULT '',
    total BIGINT NOT NULL DEFAULT 0,
    filtered BIGINT NOT NULL DEFAULT 0,
    sent BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    used TINYINT(1) NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, msg_id),
    KEY mass_results_used (used, at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'campaign_recipients' AND column_name = 'job_id') > 0,
    'DO 0', 'ALTER TABLE campaign_recipients ADD COLUMN job_id CHAR(36) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'campaign_recipients' AND column_name = 'message_id') > 0,
    'DO 0', 'ALTER TABLE campaign_recipients ADD COLUMN message_id CHAR(36) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'campaign_recipients' AND index_name = 'recipients_job') > 0,
    'DO 0', 'CREATE INDEX recipients_job ON campaign_recipients (job_id, state)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
