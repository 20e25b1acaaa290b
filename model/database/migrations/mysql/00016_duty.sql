-- +goose NO TRANSACTION
-- +goose Up
-- No form of ADD COLUMN IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'todos' AND column_name = 'neglected_at') > 0,
    'DO 0', 'ALTER TABLE todos ADD COLUMN priority BIGINT NOT NULL DEFAULT 0, ADD COLUMN first_due_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN snoozes BIGINT NOT NULL DEFAULT 0, ADD COLUMN assigned_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN contacted_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN neglected_at BIGINT NOT NULL DEFAULT 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'todos' AND index_name = 'todos_quiet') > 0,
    'DO 0', 'CREATE INDEX todos_quiet ON todos (account_id, done_at, contacted_at, assigned_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE todos SET first_due_at = due_at, assigned_at = created_at, priority = CASE level WHEN 'diamond' THEN 0 WHEN 'A' THEN 1 WHEN 'B' THEN 2 WHEN 'C' THEN 3 WHEN '' THEN 5 ELSE 4 END WHERE assigned_at = 0;
CREATE TABLE IF NOT EXISTS handover_receivers (
    handover_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    members BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    dismissed_at BIGINT NOT NULL DEFAULT 0,
    ended_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (handover_id, staff_id),
    KEY receivers_staff (staff_id, handover_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS introductions (
    handover_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    conversation_id CHAR(36) NOT NULL DEFAULT '',
    message_id CHAR(36) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    tries BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (handover_id, member_id),
    KEY introductions_message (message_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS duty_settings (
    account_id CHAR(36) NOT NULL DEFAULT '',
    introduction VARCHAR(600) NOT NULL DEFAULT '',
    quiet_days BIGINT NOT NULL DEFAULT 0,
    to_queue TINYINT(1) NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO handover_receivers (handover_id, staff_id, account_id, members, at, dismissed_at, ended_at)
    SELECT handover_moves.handover_id, handover_moves.to_clerk_id, handovers.account_id, COUNT(*), handovers.done_at, handovers.done_at, 0
    FROM handover_moves JOIN handovers ON handovers.id = handover_moves.handover_id
    WHERE handovers.state = 'done' AND handover_moves.result = ''
    AND NOT EXISTS (SELECT 1 FROM handover_receivers AS r WHERE r.handover_id = handover_moves.handover_id)
    GROUP BY handover_moves.handover_id, handover_moves.to_clerk_id, handovers.account_id, handovers.done_at;
