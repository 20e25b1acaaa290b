-- +goose Up
-- What is due of campaigns and of all others is looked for apart, many times a second.
CREATE INDEX IF NOT EXISTS deliveries_ready ON deliveries (state, purpose, due_at);
DROP INDEX IF EXISTS deliveries_due;
