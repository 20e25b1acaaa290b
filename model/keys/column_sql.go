package keys

import (
	"database/sql"
	"fmt"
	"reflect"
	"strings"
)

// replace is the statement that writes new values in place of the old ones, where these still are.
func (c Column) replace(values []value) (statement string, args []any) {
	for _, v := range values {
		args = append(args, v.old, v.new)
	}
	for _, v := range values {
		args = append(append(args, v.key...), v.old)
	}
	one := "(" + strings.Join(c.equal(), " AND ") + " AND " + c.Name + " = ?)"
	return "UPDATE " + c.Table + " SET " + c.Name + " = CASE " + c.Name + repeat(" WHEN ? THEN ?", "", len(values)) + " ELSE " + c.Name + " END" +
		" WHERE " + repeat(one, " OR ", len(values)), args
}

// pageQuery reads keys, first bytes and lengths. Comparing whole keys, (a, b) > (?, ?), would be shorter, but MySQL reads
// the table from its start for that.
func (c Column) pageQuery(resumes bool) string {
	query := fmt.Sprintf("SELECT %s, SUBSTR(%s, 1, %d), COALESCE(LENGTH(%s), 0) FROM %s", c.names(), c.Name, idSize, c.Name, c.Table)
	if resumes {
		equal, or := c.equal(), []string(nil)
		for i, k := range c.keys {
			or = append(or, strings.Join(append(equal[:i:i], k.name+" > ?"), " AND "))
		}
		query += " WHERE " + c.keys[0].name + " >= ? AND (" + strings.Join(or, " OR ") + ")"
	}
	return fmt.Sprintf("%s ORDER BY %s LIMIT %d", query, c.names(), pageValues)
}

// widen repeats the key of the last row as pageQuery asks for it.
func widen(after []any) []any {
	if after == nil {
		return nil
	}
	args := []any{after[0]}
	for i := range after {
		args = append(args, after[:i+1]...)
	}
	return args
}

func (c Column) names() string {
	var names []string
	for _, k := range c.keys {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}

func (c Column) equal() []string {
	var all []string
	for _, k := range c.keys {
		all = append(all, k.name+" = ?")
	}
	return all
}

// scan reads the key of a row, and then the rest.
func (c Column) scan(rows *sql.Rows, others ...any) (key []any, err error) {
	var into []any
	for _, k := range c.keys {
		into = append(into, reflect.New(k.kind).Interface())
	}
	if err := rows.Scan(append(into, others...)...); err != nil {
		return nil, err
	}
	for _, p := range into {
		key = append(key, reflect.ValueOf(p).Elem().Interface())
	}
	return key, nil
}

func repeat(part, between string, n int) string {
	return strings.TrimSuffix(strings.Repeat(part+between, n), between)
}
