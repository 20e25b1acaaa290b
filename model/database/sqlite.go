package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	moderncsqlite "modernc.org/sqlite"
)

// readers is the size of SQLite's pool of reading connections.
const readers = 8

// openSQLite opens one writing connection, whose transactions begin immediate, and a pool of reading ones. With more
// writers, transactions that read and then write fail with SQLITE_BUSY under load. synchronous=FULL keeps what was
// answered through a power cut.
func (db *DB) openSQLite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)",
		"cache_size(-16000)", "journal_size_limit(67108864)",
	}}
	writing := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas["_pragma"]}
	var err error
	if db.write, err = openSQLiteConn("file:"+path+"?"+writing.Encode(), 1); err != nil {
		return err
	}
	reading := url.Values{"_pragma": {"busy_timeout(5000)", "query_only(1)", "temp_store(MEMORY)", "cache_size(-8000)"}}
	db.read, err = openSQLiteConn("file:"+path+"?"+reading.Encode(), readers)
	return err
}

func openSQLiteConn(dsn string, conns int) (*gorm.DB, error) {
	base, err := moderncsqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	pool := sql.OpenDB(liteConnector{base})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	dialect, ok := sqlite.New(sqlite.Config{Conn: pool, DriverName: "sqlite"}).(*sqlite.Dialector)
	if !ok {
		return nil, errors.New("open sqlite: unexpected dialector")
	}
	return gorm.Open(dialector{dialect}, gormConfig())
}

// liteConnector lets every connection keep statements (kept.go).
type liteConnector struct{ driver.Connector }

// Connect opens one connection.
func (c liteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return newKeeper(conn)
}

func gormConfig() *gorm.Config {
	return &gorm.Config{SkipDefaultTransaction: true, TranslateError: true, Logger: logger.Discard, DisableAutomaticPing: true}
}

// dialector teaches gorm's SQLite dialector the errors of the driver without cgo.
type dialector struct{ *sqlite.Dialector }

// Result codes of SQLite that gorm has a word for.
const (
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
	sqliteForeignKey = 787
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteFull       = 13
	sqliteIOErr      = 10
	sqliteCantOpen   = 14
)

// Translate turns driver errors into gorm's.
func (dialector) Translate(err error) error {
	var e *moderncsqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlitePrimaryKey, sqliteUnique:
		return gorm.ErrDuplicatedKey
	case sqliteForeignKey:
		return gorm.ErrForeignKeyViolated
	}
	return err
}
