-- +goose Up
CREATE TABLE IF NOT EXISTS mass_jobs (
    id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    campaign_id TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    month INTEGER NOT NULL DEFAULT 0,
    members INTEGER NOT NULL DEFAULT 0,
    msg_id TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    first_try_at INTEGER NOT NULL DEFAULT 0,
    onward INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    lease_until INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0,
    counted INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    filtered INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS mass_jobs_campaign ON mass_jobs (campaign_id, id);
CREATE INDEX IF NOT EXISTS mass_jobs_due ON mass_jobs (state, due_at);
CREATE INDEX IF NOT EXISTS mass_jobs_untold ON mass_jobs (told, state);
CREATE INDEX IF NOT EXISTS mass_jobs_msg ON mass_jobs (account_id, msg_id);
CREATE TABLE IF NOT EXISTS mass_rations (
    follower_id TEXT NOT NULL DEFAULT '',
    month INTEGER NOT NULL DEFAULT 0,
    slot INTEGER NOT NULL DEFAULT 0,
    account_id TEXT NOT NULL DEFAULT '',
    job_id TEXT NOT NULL DEFAULT '',
    member_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (follower_id, month, slot)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mass_rations_job ON mass_rations (job_id, member_id);
CREATE TABLE IF NOT EXISTS mass_accounts (
    account_id TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    closed_until INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_id)
);
CREATE TABLE IF NOT EXISTS mass_results (
    account_id TEXT NOT NULL DEFAULT '',
    msg_id TEXT NOT NULL DEFAULT '',
    ok INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    total INTEGER NOT NULL DEFAULT 0,
    filtered INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, msg_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mass_results_used ON mass_results (used, at);
ALTER TABLE campaign_recipients ADD COLUMN job_id TEXT NOT NULL DEFAULT '';
ALTER TABLE campaign_recipients ADD COLUMN message_id TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS recipients_job ON campaign_recipients (job_id, state);
