package database

import (
	"fmt"

	"gorm.io/gorm"
)

// UpdateFrom changes the rows of one table by those of another that they are joined to: one look-up per row, where a
// subquery for each column would take several. Each row must be joined to one other at most. set and where are SQL
// with full names (table.column), args those of set and then of where.
func (tx *Tx) UpdateFrom(table, from, set, where string, args ...any) *gorm.DB {
	if tx.kind == SQLite {
		return tx.Exec(fmt.Sprintf("UPDATE %s SET %s FROM %s WHERE %s", table, set, from, where), args...)
	}
	return tx.Exec(fmt.Sprintf("UPDATE %s JOIN %s SET %s WHERE %s", table, from, set, where), args...)
}
