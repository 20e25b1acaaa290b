-- +goose Up
ALTER TABLE member_imports ADD COLUMN kind TEXT NOT NULL DEFAULT 'members';
ALTER TABLE member_import_parts ADD COLUMN numbers TEXT NOT NULL DEFAULT '';
