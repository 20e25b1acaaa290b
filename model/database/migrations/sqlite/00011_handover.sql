-- +goose Up
CREATE TABLE IF NOT EXISTS handovers (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    from_clerk_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    leaving INTEGER NOT NULL DEFAULT 0,
    rule TEXT NOT NULL DEFAULT '',
    codes_to TEXT NOT NULL DEFAULT '',
    preview TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    phase TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    moved INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    undone INTEGER NOT NULL DEFAULT 0,
    stayed INTEGER NOT NULL DEFAULT 0,
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    planned_at INTEGER NOT NULL DEFAULT 0,
    run_by TEXT NOT NULL DEFAULT '',
    run_at INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER NOT NULL DEFAULT 0,
    undo_until INTEGER NOT NULL DEFAULT 0,
    undo_by TEXT NOT NULL DEFAULT '',
    undone_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS handovers_account ON handovers (account_id, id);
CREATE INDEX IF NOT EXISTS handovers_state ON handovers (state, run_at);
CREATE INDEX IF NOT EXISTS handovers_clerk ON handovers (from_clerk_id);
CREATE TABLE IF NOT EXISTS handover_moves (
    handover_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    from_store_id TEXT NOT NULL DEFAULT '',
    to_clerk_id TEXT NOT NULL DEFAULT '',
    to_store_id TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT '',
    new_binding_id TEXT NOT NULL DEFAULT '',
    undo_binding_id TEXT NOT NULL DEFAULT '',
    todo_id TEXT NOT NULL DEFAULT '',
    due_day INTEGER NOT NULL DEFAULT 0,
    result TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (handover_id, member_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover_successors (
    handover_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    turn_at INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (handover_id, staff_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS successors_clerk ON handover_successors (clerk_id);
CREATE TABLE IF NOT EXISTS todos (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    staff_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    handover_id TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    due_at INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER NOT NULL DEFAULT 0,
    done_by TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS todos_staff ON todos (staff_id, done_at, due_at);
CREATE INDEX IF NOT EXISTS todos_member ON todos (member_id);
CREATE TABLE IF NOT EXISTS substitutes (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    substitute_id TEXT NOT NULL DEFAULT '',
    from_at INTEGER NOT NULL DEFAULT 0,
    to_at INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0,
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS substitutes_account ON substitutes (account_id, id);
CREATE INDEX IF NOT EXISTS substitutes_clerk ON substitutes (clerk_id);
CREATE INDEX IF NOT EXISTS substitutes_to ON substitutes (ended_at, to_at);
ALTER TABLE staff ADD COLUMN leaving_at INTEGER NOT NULL DEFAULT 0;
