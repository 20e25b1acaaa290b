-- +goose NO TRANSACTION
-- +goose Up
-- No form of ADD COLUMN IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'handovers' AND column_name = 'retry_of') > 0,
    'DO 0', 'ALTER TABLE handovers ADD COLUMN retry_of CHAR(36) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
