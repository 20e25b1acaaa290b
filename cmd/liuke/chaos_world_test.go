//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// How many people a chaos has: members who write texts, and one more who sends pictures.
const writers = 6

// chaos is a chain on servers of its own, with something between each two of them that can take the one away from the other:
//
//	WeChat --- balancer --- door --- instance --- MariaDB
//	   \---------------------------/         \--- Redis
type chaos struct {
	*running
	talkers

	t    *testing.T
	rng  *rand.Rand
	db   *database.DB // past everything that goes wrong
	disk *disk        // journal and media of all instances, and the database if it is SQLite

	maria, redis *ownServer // nil with SQLite
	machines     []*machine
	clerk        person
	scenes       []string // of the clerk's code and of another clerk's
	client       *http.Client

	replies  atomic.Int64 // answers of the clerk so far, over all rounds
	schema   int          // columns added by the rounds
	listener *listener
	steady   atomic.Bool // the client is not broken off just now
	seen     mark
}

// machine is one instance, with what stands between it and the others.
type machine struct {
	*process

	program string // path; empty: the program of this test
	environ []string

	database, redis, wechat *databasetest.Proxy // database and redis are nil with SQLite
	door                    *databasetest.Proxy // of WeChat's pushes
	up                      atomic.Bool
}

// newChaos starts everything. program is the build that the instances run at first; empty: the one of this test.
func newChaos(t *testing.T, kind string, rng *rand.Rand, program string) *chaos {
	t.Helper()
	c := &chaos{t: t, rng: rng, disk: smallDisk(t), client: &http.Client{Timeout: 3 * time.Second}}
	t.Cleanup(c.client.CloseIdleConnections)
	c.running = newChainOn(t, kind, program, time.Now, func(wechatURL string) []string { return c.environment(kind, wechatURL, program) })
	cfg, err := config.Load(c.environ)
	require.NoError(t, err)
	c.db, err = database.Open(t.Context(), database.Options{
		Kind: kind, Path: cfg.Database.Path, DSN: cfg.Database.DSN, Now: time.Now, Log: slog.New(slog.DiscardHandler), MaxConns: 4,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.db.Close() })
	count := 1
	if kind == database.MySQL {
		count = 2
	}
	var doors []*instance
	for range count {
		m := c.newMachine(cfg, program)
		c.machines, doors = append(c.machines, m), append(doors, &instance{url: "http://" + m.door.Address})
	}
	c.instance = c.machines[0].instance
	c.callback(t, newBalancer(t, doors...).url)
	c.gatherPeople(writers)
	return c
}

// environment is that of commands, which reach everything directly.
func (c *chaos) environment(kind, wechatURL, program string) []string {
	c.t.Helper()
	env := []string{
		"LIUKE_LISTEN=127.0.0.1:0", "LIUKE_LOG_LEVEL=info", "LIUKE_WECHAT_API_URL=" + wechatURL,
		"LIUKE_MEDIA=file:" + filepath.Join(c.disk.dir, "media"), "LIUKE_JOURNAL=" + filepath.Join(c.disk.dir, "journal"),
	}
	if kind == database.SQLite {
		return append(env, "LIUKE_DATABASE=sqlite:"+filepath.Join(c.disk.dir, "liuke.db"))
	}
	var dsn string
	c.maria, dsn = ownMariaDB(c.t)
	c.redis = ownRedis(c.t)
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, config.KeySize))
	env = append(env, "LIUKE_DATABASE=mysql:"+dsn, "LIUKE_MASTER_KEY="+key, "LIUKE_REDIS=redis://127.0.0.1:"+c.redis.port+"/0")
	c.migrate(program, env)
	return env
}

// migrate brings the schema to what a build of the program needs.
func (c *chaos) migrate(program string, environ []string) {
	c.t.Helper()
	w := running{program: program, environ: environ}
	w.command(c.t, "", "migrate")
}

func (c *chaos) newMachine(cfg config.Config, program string) *machine {
	c.t.Helper()
	m := &machine{program: program, door: databasetest.Between(c.t, "")}
	m.wechat = databasetest.Between(c.t, strings.TrimPrefix(cfg.WeChatAPIURL, "http://"))
	replace := map[string]string{"LIUKE_WECHAT_API_URL": "http://" + m.wechat.Address}
	if c.maria != nil {
		dsn, err := mysql.ParseDSN(cfg.Database.DSN)
		require.NoError(c.t, err)
		m.database = databasetest.Through(c.t, dsn.FormatDSN())
		m.redis = databasetest.Between(c.t, "127.0.0.1:"+c.redis.port)
		replace["LIUKE_DATABASE"], replace["LIUKE_REDIS"] = "mysql:"+m.database.DSN, "redis://"+m.redis.Address+"/0"
	}
	for _, line := range c.environ {
		name, _, _ := strings.Cut(line, "=")
		if value, other := replace[name]; other {
			line = name + "=" + value
		}
		m.environ = append(m.environ, line)
	}
	c.start(m)
	return m
}

// start starts the program on a machine.
func (c *chaos) start(m *machine) {
	c.t.Helper()
	if m.program == "" {
		w := *c.running
		w.environ = m.environ
		m.process = w.spawn(c.t, roleAll)
	} else {
		m.process = spawnProgram(c.t, m.program, roleAll, m.environ)
	}
	m.door.Lead(strings.TrimPrefix(m.url, "http://"))
	m.up.Store(true)
}

// kill ends the program on machines at once.
func (c *chaos) kill(machines ...*machine) {
	for _, m := range machines {
		m.up.Store(false)
		_ = m.cmd.Process.Kill()
	}
	for _, m := range machines {
		<-m.ended
	}
}

// any gives a machine that runs, or nil.
func (c *chaos) any(n int) *machine {
	for k := range c.machines {
		if m := c.machines[(n+k)%len(c.machines)]; m.up.Load() {
			return m
		}
	}
	return nil
}

// gatherPeople makes a store, two clerks and the members of the first; a client listens to his feed.
func (c *chaos) gatherPeople(n int) {
	c.t.Helper()
	c.owner = c.signIn("13800000000", ownerPassword)
	store := c.addStore("一店")
	c.clerk = c.addStaff(model.RoleClerk, "小王", store)
	for _, p := range []person{c.clerk, c.addStaff(model.RoleClerk, "小李", store)} {
		c.scenes = append(c.scenes, c.must(http.StatusCreated, "POST", "/api/codes", p.token, map[string]string{"kind": "clerk"}).str("scene"))
	}
	c.join(c.t, c.running, c.scenes[0], n+1)
	c.find(c.t, c.db)
	c.listener = c.listen(c.clerk.token)
}

// pause waits for d, or less when the test is over.
func (c *chaos) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.t.Context().Done():
	}
}

// call makes one call to the API of a machine; status 0: there was no answer.
func (c *chaos) call(ctx context.Context, m *machine, method, path, token, body string) (status int, answer []byte) {
	req, err := http.NewRequestWithContext(ctx, method, m.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}
