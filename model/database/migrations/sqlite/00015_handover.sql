-- +goose Up
-- The queues of members without a clerk get a column that is NULL for all others, so that a change of clerk leaves
-- their index alone.
ALTER TABLE conversations ADD COLUMN queued_in TEXT GENERATED ALWAYS AS (CASE WHEN clerk_id = '' THEN store_id END) VIRTUAL;
CREATE INDEX IF NOT EXISTS conversations_queued ON conversations (account_id, queued_in, rank_at);
DROP INDEX IF EXISTS conversations_queue;
-- The bindings of a member are numbered: two at once cannot both be the next, and closing one touches no index. An open
-- one ends at the end of time, not at NULL.
ALTER TABLE bindings ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
UPDATE bindings SET to_at = 9223372036854775807 WHERE to_at IS NULL;
UPDATE bindings SET seq = numbered.n FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY to_at, from_at, id) AS n FROM bindings) AS numbered
    WHERE numbered.id = bindings.id;
CREATE UNIQUE INDEX IF NOT EXISTS bindings_seq ON bindings (member_id, seq);
DROP INDEX IF EXISTS bindings_member;
DROP INDEX IF EXISTS bindings_open;
ALTER TABLE bindings DROP COLUMN open_member_id;
-- A move knows the binding that it closes.
ALTER TABLE handover_moves ADD COLUMN binding_id TEXT NOT NULL DEFAULT '';
ALTER TABLE handover_moves ADD COLUMN binding_seq INTEGER NOT NULL DEFAULT 0;
UPDATE handover_moves SET binding_seq = bindings.seq - 1 FROM bindings WHERE bindings.id = handover_moves.new_binding_id;
UPDATE handover_moves SET binding_id = bindings.id, binding_seq = bindings.seq FROM bindings
    WHERE bindings.member_id = handover_moves.member_id AND bindings.to_at = 9223372036854775807 AND handover_moves.binding_seq = 0;
ALTER TABLE handovers ADD COLUMN obliged_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE handovers ADD COLUMN days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN undo_hours INTEGER NOT NULL DEFAULT 72;
CREATE TABLE IF NOT EXISTS member_families (
    member_id TEXT NOT NULL DEFAULT '',
    family_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    by_id TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS families_family ON member_families (family_id);
CREATE INDEX IF NOT EXISTS handovers_phase ON handovers (phase);
ALTER TABLE drafts ADD COLUMN handover_id TEXT NOT NULL DEFAULT '';
