package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// clusterNodes is the least that Redis allows, and enough to put keys on different machines.
const clusterNodes = 3

// slots is how many parts a Redis Cluster divides its keys into.
const slots = 16384

// redisCluster is a real one. It needs Redis 7, which may be told the port for its peers.
func redisCluster() kind {
	k := redis()
	k.name, k.variable, k.nodes, k.join = "Redis Cluster", clusterVariable, clusterNodes, joinCluster
	k.args = func(dir string, port, peer int) []string {
		return append(redisArgs(dir, port), "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(peer), "--cluster-announce-ip", "127.0.0.1")
	}
	k.address = func(port int) string { return "redis://" + hostPort(port) }
	return k
}

// joinCluster does what "redis-cli --cluster create" does, but each node meets each other at once: left to hear of one
// another they take some ten seconds.
func joinCluster(ctx context.Context, nodes []*server) error {
	// All have their part and their epoch before any knows another: afterwards Redis takes no epoch.
	for i, n := range nodes {
		first, last := i*slots/len(nodes), (i+1)*slots/len(nodes)-1
		if err := order(ctx, n, "CLUSTER ADDSLOTSRANGE %d %d", first, last); err != nil {
			return err
		}
		if err := order(ctx, n, "CLUSTER SET-CONFIG-EPOCH %d", i+1); err != nil {
			return err
		}
	}
	for _, n := range nodes {
		for _, other := range nodes {
			if other == n {
				continue
			}
			if err := order(ctx, n, "CLUSTER MEET 127.0.0.1 %d %d", other.port, other.peer); err != nil {
				return err
			}
		}
	}
	for _, n := range nodes {
		if err := n.waitFor(ctx, func(ctx context.Context) error { return clusterReady(ctx, n.port) }); err != nil {
			return err
		}
	}
	return nil
}

// order tells a node to do something.
func order(ctx context.Context, n *server, format string, values ...any) error {
	command := fmt.Sprintf(format, values...)
	answer, err := askRedis(ctx, n.port, command)
	if err == nil && answer != "+OK\r\n" {
		err = fmt.Errorf("%s: %q", command, answer)
	}
	return err
}

// clusterReady tells whether a node sees the whole cluster, each of the others under the name it goes by.
func clusterReady(ctx context.Context, port int) error {
	info, err := askRedis(ctx, port, "CLUSTER INFO")
	if err != nil {
		return err
	}
	nodes, err := askRedis(ctx, port, "CLUSTER NODES")
	if err != nil {
		return err
	}
	if !strings.Contains(info, "cluster_state:ok\r\n") || strings.Count(nodes, " connected ") != clusterNodes ||
		strings.Contains(nodes, "handshake") {
		return errors.New("the nodes have not met yet")
	}
	return nil
}
