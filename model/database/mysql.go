package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// defaultConns is the size of the MySQL pool unless told otherwise.
const defaultConns = 32

// openMySQL opens a pool. clientFoundRows makes RowsAffected count matched rows, as SQLite does; the parameters are
// written into the statement by the driver, which saves a round trip and passes proxies.
func (db *DB) openMySQL(dsn string, conns int) error {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return fmt.Errorf("read the database address: %w", err)
	}
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true
	cfg.Collation = "utf8mb4_bin"
	cfg.ParseTime = false
	cfg.Logger = &mysql.NopLogger{} // it would write lines of its own to stderr; what matters comes back as an error
	cfg.Timeout = 5 * time.Second
	cfg.ReadTimeout = 60 * time.Second
	cfg.WriteTimeout = 30 * time.Second
	base, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("read the database address: %w", err)
	}
	pool := sql.OpenDB(mysqlConnector{base})
	if conns == 0 {
		conns = defaultConns
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(30 * time.Minute)
	g, err := gorm.Open(gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true}), gormConfig())
	if err != nil {
		return fmt.Errorf("open mysql: %w", err)
	}
	db.write, db.read = g, g
	return nil
}

// mysqlConnector sets up every new connection: READ COMMITTED once instead of a round trip per transaction, strict types,
// and a bound on waiting for locks; and it lets it keep statements (kept.go).
type mysqlConnector struct{ driver.Connector }

// Connect opens one connection.
func (c mysqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	k, err := newKeeper(conn)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
		"SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
		"SET SESSION innodb_lock_wait_timeout = 5",
	} {
		if _, err := k.ExecContext(ctx, statement, nil); err != nil {
			_ = k.Close()
			return nil, fmt.Errorf("set up connection: %w", err)
		}
	}
	return k, nil
}
