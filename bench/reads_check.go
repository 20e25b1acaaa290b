package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// noCounting reads some pages while MariaDB writes down every statement, and ends with an error if one that touches the
// messages counts or groups, or does not go along a key.
func (b *bench) noCounting(ctx context.Context, o *ours, order readersOrder) error {
	order.Readers, order.Milliseconds = 1, 200
	for _, page := range []string{"feed", "history"} {
		order.Page = page
		statements, err := b.statements(ctx, func() error {
			_, err := b.readPages(ctx, order)
			return err
		})
		if err != nil {
			return fmt.Errorf("look at the statements of a page: %w", err)
		}
		touching := onMessages(statements)
		if page == "history" && len(touching) == 0 {
			return errors.New("no statement read messages: what was written down is not that of the pages")
		}
		for _, s := range touching {
			if counts(s) {
				return fmt.Errorf("a statement counts or groups over messages: %s", s)
			}
			if err := o.alongAKey(ctx, s); err != nil {
				return err
			}
		}
		b.tell("%s: none of %d statements on messages counts or groups, all find them by a key", page, len(touching))
	}
	return nil
}

// statements gives what was asked of MariaDB meanwhile.
func (b *bench) statements(ctx context.Context, meanwhile func() error) (all []string, err error) {
	for _, s := range []string{"SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = 1"} {
		if _, err := b.servers.db.ExecContext(ctx, s); err != nil {
			return nil, err
		}
	}
	err = meanwhile()
	if _, off := b.servers.db.ExecContext(ctx, "SET GLOBAL general_log = 0"); err != nil || off != nil {
		return nil, errors.Join(err, off)
	}
	rows, err := b.servers.db.QueryContext(ctx, "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type IN ('Query', 'Execute')")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// onMessages gives those statements that read the table of the messages.
func onMessages(statements []string) (some []string) {
	table := regexp.MustCompile("(?i)\\b(from|join)\\s+`?messages\\b")
	for _, s := range statements {
		if table.MatchString(s) {
			some = append(some, s)
		}
	}
	return some
}

// counts reports whether a statement counts, sums or groups.
func counts(statement string) bool {
	outside := regexp.MustCompile(`'(?:[^'\\]|\\.|'')*'`).ReplaceAllString(statement, "''")
	return regexp.MustCompile(`(?i)\b(count|sum|min|max|avg|group_concat)\s*\(|\bgroup\s+by\b|\bselect\s+distinct\b|\bover\s*\(`).MatchString(outside)
}

// alongAKey lets MariaDB explain a statement: the messages must not be gone through as a whole.
func (o *ours) alongAKey(ctx context.Context, statement string) error {
	var steps []struct{ Table, Type, Key string }
	if err := o.db.Read(ctx).Raw("EXPLAIN " + statement).Scan(&steps).Error; err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	for _, s := range steps {
		if s.Table != "messages" {
			continue
		}
		if s.Key == "" || strings.EqualFold(s.Type, "ALL") || strings.EqualFold(s.Type, "index") {
			return fmt.Errorf("the messages are gone through as a whole (%s): %s", s.Type, statement)
		}
		return nil
	}
	return fmt.Errorf("MariaDB does not say how it finds messages: %s", statement)
}
