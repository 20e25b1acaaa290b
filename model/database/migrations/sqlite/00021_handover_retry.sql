-- +goose Up
ALTER TABLE handovers ADD COLUMN retry_of TEXT NOT NULL DEFAULT '';
