-- +goose Up
CREATE TABLE IF NOT EXISTS push_bundles (
    lane INTEGER NOT NULL DEFAULT 0,
    id TEXT NOT NULL DEFAULT '',
    pushes INTEGER NOT NULL DEFAULT 0,
    body BLOB NULL,
    received_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, id)
);
