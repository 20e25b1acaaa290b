-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS sms_settings (
    account_id CHAR(36) NOT NULL DEFAULT '',
    provider VARCHAR(16) NOT NULL DEFAULT '',
    secret_id_sealed VARBINARY(1024) NULL,
    secret_key_sealed VARBINARY(1024) NULL,
    app_id VARCHAR(32) NOT NULL DEFAULT '',
    region VARCHAR(32) NOT NULL DEFAULT '',
    signature VARCHAR(64) NOT NULL DEFAULT '',
    price BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND column_name = 'cost') > 0,
    'DO 0', 'ALTER TABLE deliveries ADD COLUMN cost BIGINT NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'campaign_recipients' AND column_name = 'cost') > 0,
    'DO 0', 'ALTER TABLE campaign_recipients ADD COLUMN cost BIGINT NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
