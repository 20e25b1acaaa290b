-- +goose Up
ALTER TABLE duty_settings ADD COLUMN hand_in_required INTEGER NOT NULL DEFAULT 0;
