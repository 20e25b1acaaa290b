-- +goose NO TRANSACTION
-- +goose Up
-- What an older table gets is looked for first: not every server knows IF NOT EXISTS here, and this may run again.
--
-- The queues of members without a clerk get a column that is NULL for all others, so that a change of clerk leaves
-- their index alone. MariaDB takes a CHAR here only trimmed.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'conversations' AND column_name = 'queued_in') > 0,
    'DO 0', 'ALTER TABLE conversations ADD COLUMN queued_in CHAR(36) GENERATED ALWAYS AS (CASE WHEN clerk_id = '''' THEN RTRIM(store_id) END) VIRTUAL');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'conversations' AND index_name = 'conversations_queued') > 0,
    'DO 0', 'CREATE INDEX conversations_queued ON conversations (account_id, queued_in, rank_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'conversations' AND index_name = 'conversations_queue') = 0,
    'DO 0', 'DROP INDEX conversations_queue ON conversations');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
-- The bindings of a member are numbered: two at once cannot both be the next, and closing one touches no index. An open
-- one ends at the end of time, not at NULL, so that closing it does not make its row longer.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'bindings' AND column_name = 'seq') > 0,
    'DO 0', 'ALTER TABLE bindings ADD COLUMN seq BIGINT NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE bindings SET to_at = 9223372036854775807 WHERE to_at IS NULL;
UPDATE bindings JOIN (SELECT id, ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY to_at, from_at, id) AS n FROM bindings) AS numbered
    ON numbered.id = bindings.id SET bindings.seq = numbered.n WHERE bindings.seq = 0;
ALTER TABLE bindings MODIFY COLUMN to_at BIGINT NOT NULL DEFAULT 9223372036854775807;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'bindings' AND index_name = 'bindings_seq') > 0,
    'DO 0', 'CREATE UNIQUE INDEX bindings_seq ON bindings (member_id, seq)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'bindings' AND index_name = 'bindings_member') = 0,
    'DO 0', 'DROP INDEX bindings_member ON bindings');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'bindings' AND index_name = 'bindings_open') = 0,
    'DO 0', 'DROP INDEX bindings_open ON bindings');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'bindings' AND column_name = 'open_member_id') = 0,
    'DO 0', 'ALTER TABLE bindings DROP COLUMN open_member_id');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
-- A move knows the binding that it closes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'handover_moves' AND column_name = 'binding_seq') > 0,
    'DO 0', 'ALTER TABLE handover_moves ADD COLUMN binding_id CHAR(36) NOT NULL DEFAULT '''', ADD COLUMN binding_seq BIGINT NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE handover_moves JOIN bindings ON bindings.id = handover_moves.new_binding_id SET handover_moves.binding_seq = bindings.seq - 1
    WHERE handover_moves.binding_seq = 0;
UPDATE handover_moves JOIN bindings ON bindings.member_id = handover_moves.member_id AND bindings.to_at = 9223372036854775807
    SET handover_moves.binding_id = bindings.id, handover_moves.binding_seq = bindings.seq WHERE handover_moves.binding_seq = 0;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'handovers' AND column_name = 'obliged_days') > 0,
    'DO 0', 'ALTER TABLE handovers ADD COLUMN obliged_days BIGINT NOT NULL DEFAULT 0, ADD COLUMN days BIGINT NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'undo_hours') > 0,
    'DO 0', 'ALTER TABLE accounts ADD COLUMN undo_hours BIGINT NOT NULL DEFAULT 72');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
CREATE TABLE IF NOT EXISTS member_families (
    member_id CHAR(36) NOT NULL DEFAULT '',
    family_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    by_id CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id),
    KEY families_family (family_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'handovers' AND index_name = 'handovers_phase') > 0,
    'DO 0', 'CREATE INDEX handovers_phase ON handovers (phase)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'drafts' AND column_name = 'handover_id') > 0,
    'DO 0', 'ALTER TABLE drafts ADD COLUMN handover_id CHAR(36) NOT NULL DEFAULT ''''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
