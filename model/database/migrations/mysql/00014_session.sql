-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS sign_in_codes (
    staff_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    secret_hash VARCHAR(64) NOT NULL DEFAULT '',
    created_by CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    used_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (staff_id),
    UNIQUE KEY sign_in_codes_secret (secret_hash),
    KEY sign_in_codes_expires (expires_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- What an older table gets is looked for first: not every server knows IF NOT EXISTS here, and this may run again.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'sessions' AND column_name = 'by_code') > 0,
    'DO 0', 'ALTER TABLE sessions ADD COLUMN by_code TINYINT(1) NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'business_hours') > 0,
    'DO 0', 'ALTER TABLE accounts ADD COLUMN business_hours VARCHAR(600) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'stores' AND column_name = 'business_hours') > 0,
    'DO 0', 'ALTER TABLE stores ADD COLUMN business_hours VARCHAR(600) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
