package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat/simulator"
)

// ours is a running Liuke with an account, clerks and their members.
type ours struct {
	program string // the file
	dir     string
	environ []string
	host    string
	account account
	process *process
	db      *database.DB
	wechat  *simulator.Simulator
	api     *httptest.Server
	tokens  []string // of the clerks
	scenes  []string // of the clerks' codes
}

// How many people there are.
const (
	memberPool = 2000
	clerkPool  = 10
)

const (
	password   = "bench-password-1"
	ownerPhone = "13900000000"
)

// unlimited lets one person and one address call as fast as the bench does, which is for thousands.
func unlimited() []string {
	const all = "=1000000/1000000"
	return []string{"LIUKE_LIMIT_STAFF" + all, "LIUKE_LIMIT_ADDRESS" + all, "LIUKE_LIMIT_ACCOUNT" + all}
}

// startOurs sets up and starts a build of Liuke on an empty database: db is a value for LIUKE_DATABASE.
func (b *bench) startOurs(ctx context.Context, liuke, db string) (*ours, error) {
	o, err := b.setUp(ctx, liuke, db)
	if err != nil {
		return nil, err
	}
	if err := o.start(); err != nil {
		return nil, err
	}
	if err := o.process.healthy(ctx, o.host); err != nil {
		return nil, err
	}
	if err := o.open(ctx, db); err != nil {
		return nil, err
	}
	return o, o.people(ctx, b)
}

// setUp brings an empty database up to date and adds the account.
func (b *bench) setUp(ctx context.Context, liuke, db string) (*ours, error) {
	host, err := freeHost(ctx)
	if err != nil {
		return nil, err
	}
	o := &ours{program: liuke, host: host, account: b.account}
	//nolint:contextcheck // it pushes on its own account
	o.wechat, err = simulator.New(simulator.Options{Now: time.Now, Accounts: []simulator.Account{{
		AppID: b.account.AppID, Secret: b.account.Secret, Token: b.account.Token, AESKey: b.account.AESKey,
	}}})
	if err != nil {
		return nil, err
	}
	handler := o.wechat.Handler()
	if b.standIn != nil {
		handler = b.standIn(handler)
	}
	o.api = httptest.NewServer(handler)
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	o.dir = b.subfolder()
	o.environ = []string{
		"LIUKE_LISTEN=" + host, "LIUKE_DATABASE=" + db, "LIUKE_MASTER_KEY=" + base64.StdEncoding.EncodeToString(key[:]),
		"LIUKE_WECHAT_API_URL=" + o.api.URL, "LIUKE_LOG_LEVEL=" + cmp.Or(b.logLevel, "warn"),
	}
	if strings.HasPrefix(db, database.MySQL) {
		o.environ = append(o.environ, "LIUKE_REDIS="+b.servers.redisURL)
	}
	if liuke != b.against { // which may be too old to know the settings; its loads are pushes, which are not limited
		o.environ = append(o.environ, unlimited()...)
	}
	if _, err := finish(ctx, o.dir, o.environ, nil, liuke, "migrate"); err != nil {
		return nil, err
	}
	_, err = finish(ctx, o.dir, o.environ, strings.NewReader(password+"\n"), liuke, "account", "add", "--appid", o.account.AppID,
		"--secret", o.account.Secret, "--token", o.account.Token, "--aes-key", o.account.AESKey, "--name", "Bench",
		"--owner-name", "Owner", "--owner-phone", ownerPhone)
	return o, err
}

// start starts the program.
func (o *ours) start() (err error) {
	o.process, err = launch(o.dir, "liuke", o.environ, nil, o.program, "serve")
	return err
}

// open opens the database beside the program, to count and to fill.
func (o *ours) open(ctx context.Context, db string) (err error) {
	kind, rest, _ := strings.Cut(db, ":")
	options := database.Options{Kind: kind, DSN: rest, Now: time.Now, Log: slog.New(slog.DiscardHandler), MaxConns: 1}
	if kind == database.SQLite {
		options.Path = o.dir + "/" + rest
	}
	o.db, err = database.Open(ctx, options)
	return err
}

// people makes a store and clerks, and lets every openid follow by the code of one of them.
func (o *ours) people(ctx context.Context, b *bench) error {
	owner, err := o.signIn(ctx, ownerPhone)
	if err != nil {
		return err
	}
	var store, clerk struct{ ID string }
	if err := o.post(ctx, "/api/stores", owner, map[string]any{"name": "Store", "code": "S1"}, &store); err != nil {
		return err
	}
	for i := range clerkPool {
		phone := strconv.Itoa(13900000001 + i)
		err := o.post(ctx, "/api/staff", owner, map[string]any{
			"name": "Clerk", "phone": phone, "password": password, "role": model.RoleClerk, "store_id": store.ID,
		}, &clerk)
		if err != nil {
			return err
		}
		token, err := o.signIn(ctx, phone)
		if err != nil {
			return err
		}
		var code struct{ Scene string }
		err = o.post(ctx, "/api/codes", owner, map[string]any{"kind": model.CodeClerk, "clerk_id": clerk.ID}, &code)
		if err != nil {
			return err
		}
		o.tokens, o.scenes = append(o.tokens, token), append(o.scenes, code.Scene)
	}
	if _, err := b.load(ctx, order{Host: o.host, Connections: 16, Limit: memberPool, Scenes: o.scenes}); err != nil {
		return err
	}
	_, err = o.drained(ctx)
	return err
}

func (o *ours) signIn(ctx context.Context, phone string) (string, error) {
	var session struct{ Token string }
	err := o.post(ctx, "/api/session", "", map[string]any{"phone": phone, "password": password}, &session)
	return session.Token, err
}

func (o *ours) post(ctx context.Context, path, token string, in, out any) error {
	text, err := fetch(ctx, http.MethodPost, "http://"+o.host+path, token, in)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// drained waits until every push stored has had its effects, and says how long that took.
func (o *ours) drained(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	for {
		left, err := o.count(ctx, "SELECT (SELECT COUNT(*) FROM push_bundles) + (SELECT COUNT(*) FROM pushes WHERE state <> 1)")
		if err != nil || left == 0 {
			return time.Since(began), err
		}
		if aside, err := o.count(ctx, "SELECT COUNT(*) FROM pushes WHERE state = 2"); err != nil || aside > 0 {
			return 0, fmt.Errorf("%d pushes were set aside: %w: %s", aside, err, tail(o.process.log))
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (o *ours) count(ctx context.Context, query string) (n int, err error) {
	if err := o.db.Read(ctx).Raw(query).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

func (o *ours) stored(ctx context.Context) (int, error) {
	return o.count(ctx, "SELECT (SELECT COUNT(*) FROM pushes WHERE msg_type = 'text') + (SELECT COALESCE(SUM(pushes), 0) FROM push_bundles)")
}

func (o *ours) shown(ctx context.Context) (int, error) {
	return o.count(ctx, "SELECT COUNT(*) FROM messages WHERE kind = 'text' AND direction = 'in'")
}

// batches gives how many commits of pushes there were, and of how many pushes.
func (o *ours) batches(ctx context.Context) (commits, pushes float64, err error) {
	if commits, err = o.metric(ctx, "liuke_accept_batch_size_count"); err != nil {
		return 0, 0, err
	}
	pushes, err = o.metric(ctx, "liuke_accept_batch_size_sum")
	return commits, pushes, err
}

// metric reads one figure from /metrics.
func (o *ours) metric(ctx context.Context, name string) (float64, error) {
	text, err := fetch(ctx, http.MethodGet, "http://"+o.host+"/metrics", "", nil)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if found, value, _ := strings.Cut(strings.TrimSpace(string(line)), " "); found == name {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("%s is not among the figures", name)
}

// subject is the program as one under load.
func (o *ours) subject(name string) *subject {
	return &subject{name: name, host: o.host, process: o.process, stored: o.stored, ours: o, expect: 10_000}
}

// stop ends everything.
func (o *ours) stop() error {
	err := o.process.stop()
	if o.db != nil {
		_ = o.db.Close() // what it wrote has been checked
	}
	o.close()
	return err
}

// close ends the stand-in for WeChat.
func (o *ours) close() {
	o.api.Close()
	o.wechat.Close()
}
