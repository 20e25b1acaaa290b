-- +goose NO TRANSACTION
-- +goose Up
-- No form of ADD COLUMN IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'member_imports' AND column_name = 'kind') > 0,
    'DO 0', 'ALTER TABLE member_imports ADD COLUMN kind VARCHAR(16) NOT NULL DEFAULT ''members''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'member_import_parts' AND column_name = 'numbers') > 0,
    'DO 0', 'ALTER TABLE member_import_parts ADD COLUMN numbers VARCHAR(2000) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
