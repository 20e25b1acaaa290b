-- +goose Up
CREATE TABLE IF NOT EXISTS campaign_answers (
    conversation_id TEXT NOT NULL DEFAULT '',
    seq INTEGER NOT NULL DEFAULT 0,
    campaign_id TEXT NOT NULL DEFAULT '',
    account_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (conversation_id, seq)
) WITHOUT ROWID;
