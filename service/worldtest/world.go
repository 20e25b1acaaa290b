// Package worldtest puts the service rooms together as the program does, beside a WeChat simulator, for tests of the
// rooms: a chain with stores and people who scan, write and answer.
package worldtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/bus"
	"liuke/service/chat"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/inbound"
	"liuke/service/media"
	"liuke/service/member"
	"liuke/service/notice"
	"liuke/service/rate"
	"liuke/service/report"
	"liuke/service/staff"
	"liuke/service/worker"
	"liuke/wechat"
	"liuke/wechat/simulator"
)

// AppID of the world's account.
const AppID = "wx00000000000world"

// World is the rooms of one program, its people and WeChat.
type World struct {
	DB       *database.DB
	Sim      *simulator.Simulator
	Account  model.Account
	Accounts *account.Service
	Staff    *staff.Service
	Feed     *feed.Service
	Media    *media.Service
	Inbound  *inbound.Service
	Members  *member.Service
	Rates    *rate.Service
	Delivery *delivery.Service
	Binding  *binding.Service
	Chat     *chat.Service
	Report   *report.Service
	Notice   *notice.Service
	Bus      *bus.Bus
	Owner    access.Actor
	Store    model.Store
	Other    model.Store
}

// New starts a world with an owner and two stores; it ends with the test. Calls to WeChat are as fast as the program's, or
// keep the budgets given.
func New(t *testing.T, db *database.DB, budgets ...rate.Budgets) *World {
	t.Helper()
	ctx := t.Context()
	log := slog.New(slog.DiscardHandler)
	w := &World{DB: db}

	sim, err := simulator.New(simulator.Options{
		Now: time.Now, Log: log, Seed: 1, PushTimeout: 5 * time.Second, RetrySpacing: 50 * time.Millisecond,
	})
	require.NoError(t, err)
	w.Sim = sim
	wx := httptest.NewServer(sim.Handler())
	ring, err := keys.Load(ctx, db, [][]byte{bytes.Repeat([]byte{7}, 32)})
	require.NoError(t, err)
	b, err := bus.Open(ctx, bus.Options{Now: time.Now, Log: log})
	require.NoError(t, err)
	w.Bus = b
	owner := model.NewID()
	leases, group := worker.NewLeases(db, owner), worker.NewGroup(log)
	client, err := wechat.NewClient(wechat.Options{BaseURL: wx.URL, Tokens: b, Now: time.Now, Log: log})
	require.NoError(t, err)

	audits := audit.New(audit.Deps{DB: db})
	w.Accounts = account.New(account.Deps{DB: db, Keys: ring, Audit: audits})
	w.Staff = staff.New(staff.Deps{DB: db, Keys: ring, Audit: audits, Hashing: staff.Hashing{Memory: 64, Iterations: 1}})
	w.Feed, err = feed.New(feed.Deps{DB: db, Bus: b, Group: group, Leases: leases, Log: log})
	require.NoError(t, err)
	store, err := media.OpenStore(ctx, config.Media{Kind: config.File, Dir: t.TempDir()})
	require.NoError(t, err)
	w.Media = media.New(media.Deps{DB: db, Store: store, Accounts: w.Accounts, WeChat: client, Audit: audits, Log: log, Owner: owner})
	w.Inbound = inbound.New(inbound.Deps{DB: db, Leases: leases, Bus: b, Log: log})
	w.Members = member.New(member.Deps{DB: db, Keys: ring, Audit: audits, Feed: w.Feed})
	limits := rate.Deps{DB: db, Bus: b, Log: log}
	if len(budgets) > 0 {
		limits.Budgets = budgets[0]
	}
	w.Rates = rate.New(limits)
	w.Delivery = delivery.New(delivery.Deps{
		DB: db, Accounts: w.Accounts, Rates: w.Rates, WeChat: client, Uploads: w.Media, Bus: b, Log: log, Owner: owner,
	})
	w.Binding = binding.New(binding.Deps{
		DB: db, Members: w.Members, Delivery: w.Delivery, Staff: w.Staff, Accounts: w.Accounts, WeChat: client, Feed: w.Feed,
		Audit: audits, Log: log,
	})
	w.Chat = chat.New(chat.Deps{
		DB: db, Members: w.Members, Delivery: w.Delivery, Media: w.Media, Feed: w.Feed, Staff: w.Staff, Audit: audits, Log: log,
	})
	w.Report = report.New(report.Deps{DB: db, Leases: leases, Audit: audits})
	w.Notice = notice.New(notice.Deps{
		DB: db, Accounts: w.Accounts, Staff: w.Staff, Members: w.Members, WeChat: client, Feed: w.Feed, Audit: audits, Leases: leases, Log: log,
		Owner: owner, PublicURL: "https://shop.example",
	})
	w.Inbound.OnMessages(w.Chat.ReceiveTx)
	w.Inbound.OnHeard(w.Report.HeardTx)
	w.Inbound.OnHeard(w.Notice.HeardTx)
	w.Inbound.OnEvents(w.Binding.EventTx)
	w.Inbound.OnEvents(w.Chat.EventTx)
	w.Inbound.OnEvents(w.Report.EventTx)
	w.Members.OnNew(w.Report.NewMemberTx)
	w.Delivery.OnChange(delivery.Each(w.Report.DeliveredTx))
	w.Delivery.OnChange(delivery.Each(w.Chat.DeliveredTx))
	w.Delivery.OnChange(delivery.Each(w.Binding.DeliveredTx))
	w.Delivery.LogWith(w.Chat.LogTx)
	w.Media.OnDone(w.Chat.MediaTx)
	w.Inbound.Start(group, 2)
	w.Delivery.Start(group)
	w.Media.Start(group)
	w.Report.Start(group)
	w.Notice.Start(group)

	run, cancel := context.WithCancel(context.Background())
	accepted := make(chan struct{})
	go func() { w.Inbound.RunAccept(run); close(accepted) }()
	group.Start(run)
	callback := httptest.NewServer(http.HandlerFunc(w.callback))
	t.Cleanup(func() {
		sim.Close()
		callback.Close()
		cancel()
		<-accepted
		require.NoError(t, group.Stop(context.Background()))
		stop, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		w.Delivery.Drain(stop)
		w.Feed.Close()
		client.Close()
		wx.Close()
		require.NoError(t, b.Close())
	})
	w.people(t, callback.URL)
	return w
}

func (w *World) people(t *testing.T, callback string) {
	t.Helper()
	ctx := t.Context()
	aesKey := strings.TrimRight(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)), "=")
	add := account.Add{AppID: AppID, Secret: "worldsecret", Token: "worldtoken", AESKey: aesKey, Name: "小禾母婴"}
	var err error
	w.Account, err = w.Accounts.Add(ctx, access.System(""), add)
	require.NoError(t, err)
	require.NoError(t, w.Sim.AddAccount(simulator.Account{
		AppID: add.AppID, Secret: add.Secret, Token: add.Token, AESKey: add.AESKey, OriginalID: "gh_world", Callback: callback,
	}))
	w.Owner = access.Actor{Kind: model.ByStaff, AccountID: w.Account.ID, StaffID: model.NewID(), Name: "老板", Role: model.RoleOwner}
	w.Store, err = w.Staff.CreateStore(ctx, w.Owner, staff.CreateStore{Name: "一店", Code: "S1"})
	require.NoError(t, err)
	w.Other, err = w.Staff.CreateStore(ctx, w.Owner, staff.CreateStore{Name: "二店", Code: "S2"})
	require.NoError(t, err)
}

// callback does what api/callback does.
func (w *World) callback(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	found, err := w.Accounts.ByAppID(r.Context(), AppID)
	body, readErr := io.ReadAll(r.Body)
	if err = errors.Join(err, readErr); err != nil {
		http.Error(rw, "", http.StatusServiceUnavailable)
		return
	}
	plain, err := wechat.OpenPush(found.Secrets, wechat.Query{
		Signature: q.Get("signature"), Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce"),
		EncryptType: q.Get("encrypt_type"), MsgSignature: q.Get("msg_signature"),
	}, body, time.Now())
	if err != nil {
		http.Error(rw, "", http.StatusForbidden)
		return
	}
	push, err := wechat.Parse(plain)
	if err == nil {
		err = w.Inbound.Accept(r.Context(), found.AccountID, push, plain)
	}
	if err != nil {
		http.Error(rw, "", http.StatusServiceUnavailable)
		return
	}
	_, _ = rw.Write([]byte("success"))
}
