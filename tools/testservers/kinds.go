package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/go-sql-driver/mysql"
)

// The variables that the tests read.
const (
	mysqlVariable   = "LIUKE_TEST_MYSQL"
	redisVariable   = "LIUKE_TEST_REDIS"
	clusterVariable = "LIUKE_TEST_REDIS_CLUSTER"
)

func variables() []string { return []string{mysqlVariable, redisVariable, clusterVariable} }

// kind is a sort of server: how to prepare, start, reach and ask it.
type kind struct {
	name     string
	variable string
	programs []string // all must be installed; the first is the server
	nodes    int      // how many of them work together; 0 means one
	prepare  func(ctx context.Context, programs []string, dir string) error
	// args are those of a server that clients reach at port. It may use the port peer for servers of its own kind.
	args    func(dir string, port, peer int) []string
	address func(port int) string
	answers func(ctx context.Context, port int) error
	join    func(ctx context.Context, nodes []*server) error // makes one of many; nil for a single server
}

// kinds are the servers to start. tidb is the path of a TiDB server to take in place of MariaDB, "" for MariaDB.
func kinds(durable bool, tidb string) []kind {
	store := mariaDB(durable)
	if tidb != "" {
		store = tiDB(tidb)
	}
	return []kind{store, redis(), redisCluster()}
}

func mariaDB(durable bool) kind {
	address := func(port int) string { return "root@tcp(" + hostPort(port) + ")/" }
	return kind{
		name:     "MariaDB",
		variable: mysqlVariable,
		programs: []string{"mariadbd", "mariadb-install-db"},
		prepare:  installMariaDB,
		args:     func(dir string, port, _ int) []string { return mariaDBArgs(dir, port, durable) },
		address:  address,
		answers:  func(ctx context.Context, port int) error { return pingMySQL(ctx, address(port)) },
	}
}

func pingMySQL(ctx context.Context, address string) error {
	settings, err := mysql.ParseDSN(address)
	if err != nil {
		return err
	}
	settings.Logger = &mysql.NopLogger{} // it would tell of every try before the server is up
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	return errors.Join(db.PingContext(ctx), db.Close())
}

func mariaDBArgs(dir string, port int, durable bool) []string {
	args := []string{
		"--no-defaults",
		"--datadir=" + filepath.Join(dir, "data"),
		ownTemporary(dir),
		"--socket=sock", // in the data folder; a whole path may be longer than the 107 bytes that a socket allows
		"--pid-file=" + filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(port),
		"--skip-name-resolve",
		"--skip-log-bin",
		"--character-set-server=utf8mb4",
		"--max-connections=500",
		// Each test has a database of its own, so there are thousands of tables.
		"--table-definition-cache=5000",
		"--table-open-cache=4000",
	}
	if durable {
		return append(asRoot(args), "--innodb-buffer-pool-size=512M")
	}
	// One shared table space halves the time to make a database; nothing here needs to survive.
	return append(asRoot(args), "--innodb-buffer-pool-size=128M", "--innodb-flush-log-at-trx-commit=0",
		"--innodb-doublewrite=0", "--innodb-file-per-table=0")
}

func installMariaDB(ctx context.Context, programs []string, dir string) error {
	args := asRoot([]string{
		"--no-defaults", "--datadir=" + filepath.Join(dir, "data"), ownTemporary(dir),
		"--auth-root-authentication-method=normal", "--skip-test-db",
	})
	if out, err := exec.CommandContext(ctx, programs[1], args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(out))
	}
	return nil
}

// ownTemporary keeps a server's temporary tables apart: a MariaDB that starts removes everything named #sql… from its folder
// for them, and in the system's one that would be the tables of other servers at work.
func ownTemporary(dir string) string { return "--tmpdir=" + dir }

// asRoot allows the server to run as root, when we are: containers often are, and it sees only its own folder.
func asRoot(args []string) []string {
	if os.Geteuid() != 0 {
		return args
	}
	return append(args, "--user=root")
}

func redis() kind {
	return kind{
		name:     "Redis",
		variable: redisVariable,
		programs: []string{"redis-server"},
		prepare:  func(context.Context, []string, string) error { return nil },
		args:     func(dir string, port, _ int) []string { return redisArgs(dir, port) },
		address:  func(port int) string { return "redis://" + hostPort(port) + "/0" },
		answers:  pingRedis,
	}
}

func redisArgs(dir string, port int) []string {
	return []string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir, "--save", "", "--appendonly", "no", "--daemonize", "no",
	}
}

func pingRedis(ctx context.Context, port int) error {
	answer, err := askRedis(ctx, port, "PING")
	if err == nil && answer != "+PONG\r\n" {
		err = fmt.Errorf("redis is not ready: %q", answer)
	}
	return err
}

// askRedis says one thing to Redis and gives what it answers at once, as it came.
func askRedis(ctx context.Context, port int, command string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", hostPort(port))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	answer := make([]byte, 4096) // more than anything that we ask for
	n, err := conn.Read(answer)
	return string(answer[:n]), err
}

func hostPort(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
