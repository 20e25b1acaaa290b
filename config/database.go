package config

import (
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// The kinds of database.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Database says where the rows are: sqlite:PATH or mysql:USER:PASSWORD@tcp(HOST:PORT)/NAME.
type Database struct {
	Kind string // SQLite or MySQL
	Path string // the SQLite file
	DSN  string // for the Go MySQL driver; holds the password
}

// UnmarshalText reads the value of LIUKE_DATABASE.
func (d *Database) UnmarshalText(text []byte) error {
	kind, rest, _ := strings.Cut(string(text), ":")
	switch kind {
	case SQLite:
		// A "?" or a "file:" would be read as options by the driver; a database in memory is another one per connection.
		if rest == "" || rest == ":memory:" || strings.HasPrefix(rest, "file:") || strings.ContainsAny(rest, "?#\x00") {
			return errors.New("must name a file after sqlite:, such as sqlite:data/liuke.db")
		}
		*d = Database{Kind: SQLite, Path: rest}
		return nil
	case MySQL:
		parsed, err := mysql.ParseDSN(rest)
		if err != nil || parsed.DBName == "" {
			return errors.New("must be mysql:user:password@tcp(host:3306)/name") // the driver's text may quote the password
		}
		*d = Database{Kind: MySQL, DSN: rest}
		return nil
	}
	return errors.New("must be sqlite:PATH or mysql:DSN")
}

// String shows the database without the password.
func (d Database) String() string {
	if d.Kind != MySQL {
		return d.Kind + ":" + d.Path
	}
	parsed, err := mysql.ParseDSN(d.DSN)
	if err != nil {
		return MySQL + ":" + hidden
	}
	return MySQL + ":" + parsed.User + ":" + hidden + "@" + parsed.Net + "(" + parsed.Addr + ")/" + parsed.DBName
}

// GoString is String, for %#v.
func (d Database) GoString() string { return d.String() }
