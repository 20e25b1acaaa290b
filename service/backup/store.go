package backup

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

// snapshot runs f in one reading transaction: everything read in it is of the moment of its first read. It is not declared
// READ ONLY, which TiDB refuses.
func snapshot(ctx context.Context, db *database.DB, f func(*gorm.DB) error) error {
	return db.Read(ctx).Transaction(f, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
}

// each calls visit with every row, in the order of the primary key. The rows come in pages, so that neither the answer
// of one query nor the time it takes grows with the table.
func (t *table) each(g *gorm.DB, visit func(fields []any) error) error {
	var after []any
	for {
		n, last, err := t.page(g, after, visit)
		if err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
		if n < pageRows {
			return nil
		}
		after = last
	}
}

func (t *table) page(g *gorm.DB, after []any, visit func(fields []any) error) (n int, last []any, err error) {
	rows, err := g.Statement.ConnPool.QueryContext(g.Statement.Context, t.query(g, len(after) > 0), widen(after)...)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		_, fields := t.fresh()
		if err := rows.Scan(fields...); err != nil {
			return n, nil, err
		}
		if err := visit(fields); err != nil {
			return n, nil, err
		}
		n++
		last = last[:0]
		for _, k := range t.keys {
			last = append(last, reflect.ValueOf(fields[k]).Elem().Interface())
		}
	}
	return n, last, rows.Err()
}

// query reads a page. Comparing whole rows, (a, b) > (?, ?), would be shorter, but MySQL reads the table from its start
// for that.
func (t *table) query(g *gorm.DB, resumes bool) string {
	names := t.names(g)
	var keys, or []string
	for i, k := range t.keys {
		keys = append(keys, names[k])
		or = append(or, strings.Join(append(equal(keys[:i]), names[k]+" > ?"), " AND "))
	}
	q := "SELECT " + strings.Join(names, ", ") + " FROM " + g.Statement.Quote(t.name)
	if resumes {
		q += " WHERE " + keys[0] + " >= ? AND (" + strings.Join(or, " OR ") + ")"
	}
	return fmt.Sprintf("%s ORDER BY %s LIMIT %d", q, strings.Join(keys, ", "), pageRows)
}

func equal(keys []string) []string {
	var all []string
	for _, k := range keys {
		all = append(all, k+" = ?")
	}
	return all
}

// widen repeats the key of the last row as the query asks for it.
func widen(after []any) []any {
	if len(after) == 0 {
		return nil
	}
	args := []any{after[0]}
	for i := range after {
		args = append(args, after[:i+1]...)
	}
	return args
}

func (t *table) names(g *gorm.DB) []string {
	var names []string
	for _, c := range t.columns {
		names = append(names, g.Statement.Quote(c.name))
	}
	return names
}

// insert writes rows.
func (t *table) insert(tx *database.Tx, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	one := "(?" + strings.Repeat(", ?", len(t.columns)-1) + ")"
	q := "INSERT INTO " + tx.Statement.Quote(t.name) + " (" + strings.Join(t.names(tx.DB), ", ") + ") VALUES " +
		one + strings.Repeat(", "+one, len(rows)-1)
	var args []any
	for _, fields := range rows {
		for _, f := range fields {
			args = append(args, valueOf(f))
		}
	}
	// Only the number of a server's error is told on: its text repeats data.
	if _, err := tx.Statement.ConnPool.ExecContext(tx.Context(), q, args...); err != nil {
		return fmt.Errorf("write rows of %s: %s", t.name, database.Describe(err))
	}
	return nil
}

// valueOf keeps NULL and empty bytes apart, which drivers may not.
func valueOf(field any) any {
	v := reflect.ValueOf(field).Elem()
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice) && v.IsNil() {
		return nil
	}
	return v.Interface()
}

// occupied names a table of the database that has rows, "" if none has.
func occupied(g *gorm.DB) (string, error) {
	for _, row := range model.Tables() {
		if _, ok := row.(*model.SchemaMeta); ok {
			continue // part of the schema
		}
		t, err := tableOf(row)
		if err != nil {
			return "", err
		}
		var found []int
		if err := g.Table(t.name).Select("1").Limit(1).Scan(&found).Error; err != nil {
			return "", fmt.Errorf("look for rows in %s: %w", t.name, err)
		}
		if len(found) > 0 {
			return t.name, nil
		}
	}
	return "", nil
}

// keyIDs names the master keys that seal the data.
func keyIDs(g *gorm.DB) ([]string, error) {
	var rows []model.StoredKey
	if err := g.Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the stored keys: %w", err)
	}
	ids := []string{}
	seen := map[string]bool{}
	for _, r := range rows {
		if id := hex.EncodeToString(r.Sealed[:min(keyIDSize, len(r.Sealed))]); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids, nil
}
