package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
)

// servers are the private MariaDB and Redis of this run.
type servers struct {
	dsn      *mysql.Config
	redisURL string
	db       *sql.DB
	pids     map[string]int
	versions []string
	flush    string // innodb_flush_log_at_trx_commit
	names    []string
}

// findServers reaches the servers that tools/testservers started. It refuses to measure without durability.
func findServers(ctx context.Context) (*servers, error) {
	dsn, url := os.Getenv("LIUKE_TEST_MYSQL"), os.Getenv("LIUKE_TEST_REDIS")
	if dsn == "" || url == "" {
		return nil, errors.New("MariaDB and Redis are needed: run make bench")
	}
	settings, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("read LIUKE_TEST_MYSQL: %w", err)
	}
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, fmt.Errorf("read LIUKE_TEST_MYSQL: %w", err)
	}
	s := &servers{dsn: settings, redisURL: url, db: sql.OpenDB(connector), pids: map[string]int{}}
	if err := errors.Join(s.lookAtMariaDB(ctx), s.lookAtRedis(ctx)); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

func (s *servers) lookAtMariaDB(ctx context.Context) error {
	var version, pidFile, logBin string
	err := s.db.QueryRowContext(ctx, "SELECT @@version, @@pid_file, @@innodb_flush_log_at_trx_commit, @@log_bin").
		Scan(&version, &pidFile, &s.flush, &logBin)
	if err != nil {
		return fmt.Errorf("ask MariaDB: %w", err)
	}
	if s.flush != "1" {
		return errors.New("MariaDB does not write through at commit: the figures would mean nothing; run make bench")
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return fmt.Errorf("find MariaDB's process: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("find MariaDB's process: %w", err)
	}
	s.pids["MariaDB"] = pid
	s.versions = append(s.versions, "MariaDB "+version+" (flush at commit 1, binlog "+logBin+")")
	return nil
}

func (s *servers) lookAtRedis(ctx context.Context) error {
	options, err := redis.ParseURL(s.redisURL)
	if err != nil {
		return fmt.Errorf("read LIUKE_TEST_REDIS: %w", err)
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	info, err := client.InfoMap(ctx, "server").Result()
	if err != nil {
		return fmt.Errorf("ask Redis: %w", err)
	}
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	if err != nil {
		return fmt.Errorf("find Redis's process: %w", err)
	}
	s.pids["Redis"] = pid
	s.versions = append(s.versions, "Redis "+info["Server"]["redis_version"])
	return nil
}

// database makes a database that close drops, and gives its DSN.
func (s *servers) database(ctx context.Context, name string) (string, error) {
	name = "bench_" + name + "_" + strconv.FormatUint(uint64(rand.Uint32()), 36) //nolint:gosec // a name, no secret
	if _, err := s.db.ExecContext(ctx, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	s.names = append(s.names, name)
	settings := s.dsn.Clone()
	settings.DBName = name
	return settings.FormatDSN(), nil
}

// syncs is how often MariaDB has written its log through.
func (s *servers) syncs(ctx context.Context) (n int, err error) {
	var name string
	err = s.db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Innodb_os_log_fsyncs'").Scan(&name, &n)
	if errors.Is(err, sql.ErrNoRows) { // MariaDB 11 counts all of them together
		err = s.db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Innodb_data_fsyncs'").Scan(&name, &n)
	}
	return n, err
}

// clean waits, a minute at most, until MariaDB has cleared away what earlier transactions left behind: that work
// would be counted with the next.
func (s *servers) clean(ctx context.Context) error {
	for range 600 {
		var name string
		var left int
		if err := s.db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'").Scan(&name, &left); err != nil {
			return fmt.Errorf("ask what is left to clean: %w", err)
		}
		if left < 50 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

func (s *servers) close(ctx context.Context) error {
	var all error
	for _, name := range s.names {
		_, err := s.db.ExecContext(ctx, "DROP DATABASE "+name)
		all = errors.Join(all, err)
	}
	return errors.Join(all, s.db.Close())
}

// letters gives n random hexadecimal digits.
func letters(n int) string {
	b := make([]byte, (n+1)/2)
	for i := range b {
		b[i] = byte(rand.Uint32()) //nolint:gosec // secrets of an account that lives for this run
	}
	return hex.EncodeToString(b)[:n]
}
