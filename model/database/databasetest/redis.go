package databasetest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The environment variables with the addresses of a private Redis and of a private Redis Cluster.
const (
	RedisVariable        = "LIUKE_TEST_REDIS"
	RedisClusterVariable = "LIUKE_TEST_REDIS_CLUSTER"
)

// EachRedis runs the test once on a single Redis and once on a cluster, with the host:port of each node. What is not at
// hand is left out; with CI=true that fails the test.
func EachRedis(t *testing.T, f func(t *testing.T, addrs ...string)) {
	t.Helper()
	for name, variable := range map[string]string{"redis": RedisVariable, "redis_cluster": RedisClusterVariable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, RedisAddrs(t, variable)...)
		})
	}
}

// RedisAddrs gives the host:port of each node of one of the two, or leaves the test out.
func RedisAddrs(t *testing.T, variable string) []string {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		require.NotEqual(t, "true", os.Getenv("CI"), "CI needs %s: run the tests by `make test`", variable)
		t.Skip("LEFT OUT: " + variable + " is not set; `make test` sets it")
	}
	hosts, _, _ := strings.Cut(strings.TrimPrefix(address, "redis://"), "/")
	return strings.Split(hosts, ",")
}
