-- +goose NO TRANSACTION
-- +goose Up
-- No form of ADD COLUMN IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'duty_settings' AND column_name = 'hand_in_required') > 0,
    'DO 0', 'ALTER TABLE duty_settings ADD COLUMN hand_in_required TINYINT(1) NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
