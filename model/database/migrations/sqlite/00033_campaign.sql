-- +goose Up
CREATE TABLE IF NOT EXISTS campaigns (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    segment_id TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT '',
    channels TEXT NOT NULL DEFAULT '',
    control INTEGER NOT NULL DEFAULT 0,
    outcome_days INTEGER NOT NULL DEFAULT 0,
    start_at INTEGER NOT NULL DEFAULT 0,
    phase TEXT NOT NULL DEFAULT '',
    cursor_id TEXT NOT NULL DEFAULT '',
    audience INTEGER NOT NULL DEFAULT 0,
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    approved_by TEXT NOT NULL DEFAULT '',
    approved_at INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER NOT NULL DEFAULT 0,
    errors INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS campaigns_list ON campaigns (account_id, id);
CREATE INDEX IF NOT EXISTS campaigns_due ON campaigns (state, start_at);
CREATE TABLE IF NOT EXISTS campaign_recipients (
    campaign_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    tried TEXT NOT NULL DEFAULT '',
    store_id TEXT NOT NULL DEFAULT '',
    clerk_id TEXT NOT NULL DEFAULT '',
    delivery_id TEXT NOT NULL DEFAULT '',
    due_at INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER NOT NULL DEFAULT 0,
    replied_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, member_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recipients_state ON campaign_recipients (campaign_id, state, due_at);
CREATE INDEX IF NOT EXISTS recipients_member ON campaign_recipients (member_id, sent_at);
CREATE TABLE IF NOT EXISTS campaign_settings (
    account_id TEXT NOT NULL DEFAULT '',
    quiet_from INTEGER NOT NULL DEFAULT 0,
    quiet_to INTEGER NOT NULL DEFAULT 0,
    cap INTEGER NOT NULL DEFAULT 0,
    cap_days INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id)
);
CREATE TABLE IF NOT EXISTS template_results (
    account_id TEXT NOT NULL DEFAULT '',
    msg_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, msg_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS template_results_at ON template_results (at);
ALTER TABLE deliveries ADD COLUMN msg_id TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS deliveries_msg ON deliveries (account_id, msg_id);
CREATE INDEX IF NOT EXISTS deliveries_source ON deliveries (source_id, state);
