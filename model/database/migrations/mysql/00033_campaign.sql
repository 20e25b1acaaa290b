-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS campaigns (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    name VARCHAR(255) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    segment_id CHAR(36) NOT NULL DEFAULT '',
    filter MEDIUMTEXT NOT NULL,
    content MEDIUMTEXT NOT NULL,
    channels VARCHAR(255) NOT NULL DEFAULT '',
    control BIGINT NOT NULL DEFAULT 0,
    outcome_days BIGINT NOT NULL DEFAULT 0,
    start_at BIGINT NOT NULL DEFAULT 0,
    phase VARCHAR(16) NOT NULL DEFAULT '',
    cursor_id CHAR(36) NOT NULL DEFAULT '',
    audience BIGINT NOT NULL DEFAULT 0,
    created_by CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 0,
    approved_by CHAR(36) NOT NULL DEFAULT '',
    approved_at BIGINT NOT NULL DEFAULT 0,
    started_at BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT NOT NULL DEFAULT 0,
    errors BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY campaigns_list (account_id, id),
    KEY campaigns_due (state, start_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS campaign_recipients (
    campaign_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    channel VARCHAR(16) NOT NULL DEFAULT '',
    tried VARCHAR(64) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    delivery_id CHAR(36) NOT NULL DEFAULT '',
    due_at BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT NOT NULL DEFAULT 0,
    replied_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, member_id),
    KEY recipients_state (campaign_id, state, due_at),
    KEY recipients_member (member_id, sent_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS campaign_settings (
    account_id CHAR(36) NOT NULL DEFAULT '',
    quiet_from BIGINT NOT NULL DEFAULT 0,
    quiet_to BIGINT NOT NULL DEFAULT 0,
    cap BIGINT NOT NULL DEFAULT 0,
    cap_days BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS template_results (
    account_id CHAR(36) NOT NULL DEFAULT '',
    msg_id VARCHAR(32) NOT NULL DEFAULT '',
    status VARCHAR(64) NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, msg_id),
    KEY template_results_at (at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND column_name = 'msg_id') > 0,
    'DO 0', 'ALTER TABLE deliveries ADD COLUMN msg_id VARCHAR(32) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'deliveries_msg') > 0,
    'DO 0', 'CREATE INDEX deliveries_msg ON deliveries (account_id, msg_id)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'deliveries_source') > 0,
    'DO 0', 'CREATE INDEX deliveries_source ON deliveries (source_id, state)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
