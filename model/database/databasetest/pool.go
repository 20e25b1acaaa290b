package databasetest

import (
	"database/sql"
	"database/sql/driver"
)

func openPool(c driver.Connector) *sql.DB { return sql.OpenDB(c) }
