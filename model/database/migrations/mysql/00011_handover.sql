-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS handovers (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    from_clerk_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(16) NOT NULL DEFAULT '',
    leaving TINYINT(1) NOT NULL DEFAULT 0,
    rule MEDIUMTEXT NOT NULL,
    codes_to MEDIUMTEXT NOT NULL,
    preview MEDIUMTEXT NOT NULL,
    state VARCHAR(16) NOT NULL DEFAULT '',
    phase VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    tries BIGINT NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    moved BIGINT NOT NULL DEFAULT 0,
    skipped BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    undone BIGINT NOT NULL DEFAULT 0,
    stayed BIGINT NOT NULL DEFAULT 0,
    created_by CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    planned_at BIGINT NOT NULL DEFAULT 0,
    run_by CHAR(36) NOT NULL DEFAULT '',
    run_at BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT NOT NULL DEFAULT 0,
    undo_until BIGINT NOT NULL DEFAULT 0,
    undo_by CHAR(36) NOT NULL DEFAULT '',
    undone_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY handovers_account (account_id, id),
    KEY handovers_state (state, run_at),
    KEY handovers_clerk (from_clerk_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS handover_moves (
    handover_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    from_store_id CHAR(36) NOT NULL DEFAULT '',
    to_clerk_id CHAR(36) NOT NULL DEFAULT '',
    to_store_id CHAR(36) NOT NULL DEFAULT '',
    level VARCHAR(16) NOT NULL DEFAULT '',
    why VARCHAR(32) NOT NULL DEFAULT '',
    new_binding_id CHAR(36) NOT NULL DEFAULT '',
    undo_binding_id CHAR(36) NOT NULL DEFAULT '',
    todo_id CHAR(36) NOT NULL DEFAULT '',
    due_day BIGINT NOT NULL DEFAULT 0,
    result VARCHAR(16) NOT NULL DEFAULT '',
    reason VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (handover_id, member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS handover_successors (
    handover_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    turn_at BIGINT NOT NULL DEFAULT 0,
    ended_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (handover_id, staff_id),
    KEY successors_clerk (clerk_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS todos (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    staff_id CHAR(36) NOT NULL DEFAULT '',
    member_id CHAR(36) NOT NULL DEFAULT '',
    kind VARCHAR(32) NOT NULL DEFAULT '',
    handover_id CHAR(36) NOT NULL DEFAULT '',
    level VARCHAR(16) NOT NULL DEFAULT '',
    due_at BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT NOT NULL DEFAULT 0,
    done_by CHAR(36) NOT NULL DEFAULT '',
    result VARCHAR(32) NOT NULL DEFAULT '',
    note VARCHAR(600) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY todos_staff (staff_id, done_at, due_at),
    KEY todos_member (member_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS substitutes (
    id CHAR(36) NOT NULL DEFAULT '',
    account_id CHAR(36) NOT NULL DEFAULT '',
    store_id CHAR(36) NOT NULL DEFAULT '',
    clerk_id CHAR(36) NOT NULL DEFAULT '',
    substitute_id CHAR(36) NOT NULL DEFAULT '',
    from_at BIGINT NOT NULL DEFAULT 0,
    to_at BIGINT NOT NULL DEFAULT 0,
    ended_at BIGINT NOT NULL DEFAULT 0,
    created_by CHAR(36) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY substitutes_account (account_id, id),
    KEY substitutes_clerk (clerk_id),
    KEY substitutes_to (ended_at, to_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- No form of ADD COLUMN IF NOT EXISTS is known to MySQL, MariaDB and TiDB alike.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'staff' AND column_name = 'leaving_at') = 0, 'ALTER TABLE staff ADD COLUMN leaving_at BIGINT NOT NULL DEFAULT 0', 'SELECT 1');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
