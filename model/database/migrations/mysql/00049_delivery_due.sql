-- +goose NO TRANSACTION
-- +goose Up
-- What is due of campaigns and of all others is looked for apart, many times a second.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'deliveries_ready') > 0,
    'DO 0', 'CREATE INDEX deliveries_ready ON deliveries (state, purpose, due_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'deliveries_due') = 0,
    'DO 0', 'DROP INDEX deliveries_due ON deliveries');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
