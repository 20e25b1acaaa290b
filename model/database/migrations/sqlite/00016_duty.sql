-- +goose Up
ALTER TABLE todos ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE todos ADD COLUMN first_due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE todos ADD COLUMN snoozes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE todos ADD COLUMN assigned_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE todos ADD COLUMN contacted_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE todos ADD COLUMN neglected_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS todos_quiet ON todos (account_id, done_at, contacted_at, assigned_at);
UPDATE todos SET first_due_at = due_at, assigned_at = created_at, priority = CASE level WHEN 'diamond' THEN 0 WHEN 'A' THEN 1 WHEN 'B' THEN 2 WHEN 'C' THEN 3 WHEN '' THEN 5 ELSE 4 END WHERE assigned_at = 0;
CREATE TABLE IF NOT EXISTS handover_receivers (
    handover_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    members INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL DEFAULT 0,
    dismissed_at INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (handover_id, staff_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS receivers_staff ON handover_receivers (staff_id, handover_id);
CREATE TABLE IF NOT EXISTS introductions (
    handover_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    conversation_id TEXT NOT NULL DEFAULT '',
    message_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (handover_id, member_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS introductions_message ON introductions (message_id);
CREATE TABLE IF NOT EXISTS duty_settings (
    account_id TEXT NOT NULL DEFAULT '',
    introduction TEXT NOT NULL DEFAULT '',
    quiet_days INTEGER NOT NULL DEFAULT 0,
    to_queue INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
);
INSERT INTO handover_receivers (handover_id, staff_id, account_id, members, at, dismissed_at, ended_at)
    SELECT handover_moves.handover_id, handover_moves.to_clerk_id, handovers.account_id, COUNT(*), handovers.done_at, handovers.done_at, 0
    FROM handover_moves JOIN handovers ON handovers.id = handover_moves.handover_id
    WHERE handovers.state = 'done' AND handover_moves.result = ''
    AND NOT EXISTS (SELECT 1 FROM handover_receivers AS r WHERE r.handover_id = handover_moves.handover_id)
    GROUP BY handover_moves.handover_id, handover_moves.to_clerk_id, handovers.account_id, handovers.done_at;
