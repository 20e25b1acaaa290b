package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"liuke/api"
	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/bus"
	"liuke/service/campaign"
	"liuke/service/chat"
	"liuke/service/complaint"
	"liuke/service/consent"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/handover"
	"liuke/service/idempotency"
	"liuke/service/inbound"
	"liuke/service/journal"
	"liuke/service/limit"
	"liuke/service/media"
	"liuke/service/member"
	"liuke/service/metrics"
	"liuke/service/notice"
	"liuke/service/privacy"
	"liuke/service/purchase"
	"liuke/service/rate"
	"liuke/service/report"
	"liuke/service/segment"
	"liuke/service/sms"
	"liuke/service/staff"
	"liuke/service/textmessage"
	"liuke/service/transfer"
	"liuke/service/worker"
	"liuke/wechat"
)

// Roles of a process.
const (
	roleAll    = "all"
	roleAPI    = "api"
	roleWorker = "worker"
)

// How many lanes of pushes are worked off at once; SQLite has one writer.
const (
	workersSQLite = 2
	workersMySQL  = 3
)

// options is what an App is made of.
type options struct {
	Config config.Config
	Role   string // roleAll, roleAPI or roleWorker
	Now    func() time.Time
	Log    *slog.Logger
	// Budgets are calls a second by WeChat's API; nil: the default.
	Budgets rate.Budgets
	// Draw gives the lots of campaigns that shall not fall by chance; may be nil.
	Draw func(campaignID, memberID string) (lot int64, drawn bool)
}

// hashing is what passwords cost. Only tests change it, before anything runs.
var hashing staff.Hashing //nolint:gochecknoglobals // neither commands nor the environment may make passwords cheaper

// App is the running program. Here alone rooms are put together.
type App struct {
	log       *slog.Logger
	role      string
	publicURL string

	db       *database.DB
	keys     *keys.Ring
	journal  *journal.Journal // nil with SQLite
	late     *late            // nil when the database was there at the start
	bus      *bus.Bus
	listener net.Listener
	admin    *admin // nil without LIUKE_ADMIN_LISTEN
	wechat   *wechat.Client
	group    *worker.Group
	leases   *worker.Leases
	metrics  *metrics.Metrics

	accounts   *account.Service
	staff      *staff.Service
	feed       *feed.Service
	inbound    *inbound.Service
	rates      *rate.Service
	texting    *textmessage.Tencent
	sms        *sms.Service
	delivery   *delivery.Service
	members    *member.Service
	purchase   *purchase.Service
	segments   *segment.Service
	consents   *consent.Service
	complaints *complaint.Service
	campaign   *campaign.Service
	media      *media.Service
	binding    *binding.Service
	chat       *chat.Service
	transfer   *transfer.Service
	handover   *handover.Service
	report     *report.Service
	notice     *notice.Service
	privacy    *privacy.Service

	masterTold sync.Once

	api    *api.API // nil for a worker
	server *http.Server
}

// newApp opens everything and serves nothing yet.
func newApp(ctx context.Context, o options) (_ *App, err error) {
	a := &App{log: o.Log, role: o.Role, metrics: metrics.New()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.open(ctx, o); err != nil {
		return nil, err
	}
	a.bus, err = bus.Open(ctx, bus.Options{
		Addrs: o.Config.Redis.Addrs, DB: o.Config.Redis.DB, Username: o.Config.Redis.Username, Password: o.Config.Redis.Password,
		Cluster: o.Config.Redis.Cluster, Now: o.Now, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	// Bound before the rooms are made: with port 0 only this tells the address.
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.Config.Listen); err != nil {
		return nil, err
	}
	if a.admin, err = openAdmin(ctx, o.Config.AdminListen, o.Log); err != nil {
		return nil, err
	}
	a.publicURL = publicURL(o.Config, a.listener.Addr())
	if err := a.wire(ctx, o); err != nil {
		return nil, err
	}
	return a, nil
}

// publicURL puts the port that was given into an address that names port 0.
func publicURL(cfg config.Config, bound net.Addr) string {
	_, port, err := net.SplitHostPort(bound.String())
	if rest, ok := strings.CutSuffix(cfg.PublicURL, ":0"); ok && err == nil {
		return rest + ":" + port
	}
	return cfg.PublicURL
}

// Addr is where the program listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// PublicURL is how browsers and WeChat reach it.
func (a *App) PublicURL() string { return a.publicURL }

// wire makes the rooms and ties them to each other.
func (a *App) wire(ctx context.Context, o options) error {
	owner := model.NewID()
	leases := worker.NewLeases(a.db, owner)
	a.leases = leases
	if a.db.Kind() == database.SQLite && a.role != roleAPI {
		if err := leases.Clear(ctx); err != nil {
			return err
		}
	}
	var err error
	a.wechat, err = wechat.NewClient(wechat.Options{
		BaseURL: o.Config.WeChatAPIURL, Tokens: sealedTokens{a.bus, a.keys}, Observer: a.metrics, Now: o.Now, Log: o.Log,
	})
	if err != nil {
		return err
	}
	store, err := media.OpenStore(ctx, o.Config.Media)
	if err != nil {
		return err
	}
	a.group = worker.NewGroup(o.Log, worker.Observed(a.metrics, o.Now))
	if a.feed, err = feed.New(feed.Deps{DB: a.db, Bus: a.bus, Group: a.group, Leases: leases, Log: o.Log}); err != nil {
		return err
	}
	records := audit.New(audit.Deps{DB: a.db})
	repeats := idempotency.New(idempotency.Deps{DB: a.db})
	if err := a.openAccounts(ctx, records); err != nil {
		return err
	}
	a.staff = staff.New(staff.Deps{DB: a.db, Keys: a.keys, Audit: records, OnSessionsEnded: a.feed.EndSessions, Hashing: hashing})
	a.inbound = inbound.New(inbound.Deps{DB: a.db, Leases: leases, Bus: a.bus, Log: o.Log, Observer: a.metrics, Journal: a.journal})
	a.media = media.New(media.Deps{
		DB: a.db, Store: store, Accounts: a.accounts, WeChat: a.wechat, Audit: records, Log: o.Log, Observer: a.metrics, Owner: owner,
	})
	a.rates = rate.New(rate.Deps{DB: a.db, Bus: a.bus, Log: o.Log, Budgets: o.Budgets})
	if a.texting, err = textmessage.NewTencent(o.Config.SMSAPIURL, o.Now); err != nil {
		return err
	}
	a.sms = sms.New(sms.Deps{DB: a.db, Keys: a.keys, Audit: records, Tencent: a.texting})
	a.delivery = delivery.New(delivery.Deps{
		DB: a.db, Accounts: a.accounts, Rates: a.rates, WeChat: a.wechat, SMS: a.sms, Uploads: a.media, Bus: a.bus, Log: o.Log, Observer: a.metrics, Owner: owner,
	})
	a.members = member.New(member.Deps{DB: a.db, Keys: a.keys, Audit: records, Feed: a.feed})
	a.purchase = purchase.New(purchase.Deps{DB: a.db, Members: a.members, Audit: records})
	a.consents = consent.New(consent.Deps{
		DB: a.db, Keys: a.keys, Accounts: a.accounts, WeChat: a.wechat, Audit: records, PublicURL: a.publicURL,
	})
	a.complaints = complaint.New(complaint.Deps{DB: a.db, Audit: records})
	a.segments = segment.New(segment.Deps{DB: a.db, Audit: records})
	a.binding = binding.New(binding.Deps{
		DB: a.db, Members: a.members, Delivery: a.delivery, Staff: a.staff, Accounts: a.accounts, WeChat: a.wechat,
		Feed: a.feed, Audit: records, Log: o.Log,
	})
	a.chat = chat.New(chat.Deps{
		DB: a.db, Members: a.members, Delivery: a.delivery, Media: a.media, Feed: a.feed, Staff: a.staff, Audit: records,
		Log: o.Log,
	})
	a.notice = notice.New(notice.Deps{
		DB: a.db, Accounts: a.accounts, Staff: a.staff, Members: a.members, WeChat: a.wechat, Feed: a.feed, Audit: records, Leases: leases,
		Log: o.Log, Owner: owner, PublicURL: a.publicURL,
	})
	a.report = report.New(report.Deps{DB: a.db, Leases: leases, Audit: records})
	a.campaign = campaign.New(campaign.Deps{
		DB: a.db, Consents: a.consents, Complaints: a.complaints, Delivery: a.delivery, Feed: a.feed, Audit: records, Bus: a.bus, Log: o.Log,
		Accounts: a.accounts, WeChat: a.wechat, Owner: owner, Draw: o.Draw,
	})
	a.handover = handover.New(handover.Deps{
		DB: a.db, Members: a.members, Staff: a.staff, Delivery: a.delivery, Feed: a.feed, Audit: records, Bus: a.bus, Log: o.Log,
	})
	a.transfer = transfer.New(transfer.Deps{
		DB: a.db, Keys: a.keys, Members: a.members, Sales: a.purchase, Audit: records, Log: o.Log, Owner: owner,
	})
	a.privacy = privacy.New(privacy.Deps{
		DB: a.db, Keys: a.keys, Members: a.members, Delivery: a.delivery, Media: a.media, Audit: records, Leases: leases, Log: o.Log,
	})
	a.tie()
	a.startJournal()
	a.startKeys()
	if a.role != roleAPI {
		a.work(leases, repeats)
	}
	return a.serve(o, records, repeats)
}

// tie registers who takes what happens in other rooms. What binding decides about a scan stands before the line that
// chat writes about it; what report counts of an answer stands before chat ends the waiting.
func (a *App) tie() {
	a.inbound.OnMessages(a.chat.ReceiveTx)
	a.inbound.OnHeard(a.report.HeardTx)
	a.inbound.OnHeard(a.notice.HeardTx)
	a.inbound.OnHeard(a.campaign.HeardTx)
	a.inbound.OnEvents(a.delivery.EventTx)
	a.inbound.OnEvents(a.binding.EventTx)
	a.inbound.OnEvents(a.chat.EventTx)
	a.inbound.OnEvents(a.report.EventTx)
	a.inbound.OnEvents(a.campaign.EventTx)
	a.members.OnNew(a.report.NewMemberTx)
	a.members.OnMerge(a.purchase.MergedTx, a.purchase.UnmergedTx)
	a.members.OnMerge(a.consents.MergedTx, nil)
	a.members.OnMerge(a.complaints.MergedTx, a.complaints.UnmergedTx)
	a.rates.OnStop(a.tellStop)
	a.delivery.OnChange(delivery.Each(a.report.DeliveredTx))
	a.delivery.OnChange(delivery.Each(a.chat.DeliveredTx))
	a.delivery.OnChange(delivery.Each(a.binding.DeliveredTx))
	a.delivery.OnChange(delivery.Each(a.handover.DeliveredTx))
	a.delivery.OnChange(a.campaign.DeliveredTx)
	a.delivery.OnResult(a.campaign.ResultTx)
	a.delivery.CheckWith(model.PurposeCampaign, a.campaign.MayLeave)
	a.delivery.LogWith(a.chat.LogTx)
	a.delivery.PhonesWith(func(ctx context.Context, accountID, memberID string) (string, error) {
		return a.members.PhoneToSend(ctx, access.System(accountID), memberID)
	})
	a.campaign.ShowWith(a.chat.ShowTx, a.chat.MendTx)
	a.media.OnDone(a.chat.MediaTx)
}

// tellStop lets the owner's screens show that WeChat answers an API of the account no more today.
func (a *App) tellStop(tx *database.Tx, stop rate.Stop) error {
	a.feed.PublishTx(tx, feed.Event{AccountID: stop.AccountID, Kind: "account", Data: map[string]string{
		"api": stop.API, "reason": stop.Reason, "until": strconv.FormatInt(stop.Until, 10),
	}}, feed.Account(stop.AccountID))
	return nil
}

// sweepEvery is how often what is over is deleted.
const sweepEvery = time.Hour

// work adds the loops of the rooms.
func (a *App) work(leases *worker.Leases, repeats *idempotency.Service) {
	workers := workersMySQL
	if a.db.Kind() == database.SQLite {
		workers = workersSQLite
	}
	a.inbound.Start(a.group, workers)
	a.delivery.Start(a.group)
	a.media.Start(a.group)
	a.members.Start(a.group, leases)
	a.transfer.Start(a.group, leases)
	a.handover.Start(a.group, leases)
	a.campaign.Start(a.group, leases)
	a.report.Start(a.group)
	a.notice.Start(a.group)
	a.privacy.Start(a.group)
	a.group.GoAlone(leases, "staff.sweep", sweepEvery, a.staff.Sweep)
	a.group.GoAlone(leases, "idempotency.sweep", sweepEvery, repeats.Sweep)
}

// serve makes the server.
func (a *App) serve(o options, records *audit.Service, repeats *idempotency.Service) error {
	health := api.Health{Database: a.checkDatabase, Metrics: a.metrics.Handler()}
	if a.journal != nil {
		health.Journal = a.journalHealth
	}
	if a.bus.Shared() {
		health.Redis = a.bus.Healthy
	}
	a.metrics.Watch("liuke_feed_clients", "Live feeds open on this instance.", func() float64 { return float64(a.feed.Subscribers()) })
	a.metrics.Watch("liuke_bus_dropped_hints", "Hints between instances that were lost.", func() float64 { return float64(a.bus.Dropped()) })
	handler := health.Handler()
	if a.role != roleWorker {
		var err error
		a.api, err = api.New(api.Deps{
			Checker: account.NewChecker(account.CheckerDeps{
				DB: a.db, Accounts: a.accounts, Audit: records, WeChat: a.wechat, PublicURL: a.publicURL, Journal: a.journalCheck(),
			}),
			Accounts: a.accounts, Audit: records, Binding: a.binding, Chat: a.chat, Feed: a.feed, Handover: a.handover, Inbound: a.inbound,
			Media: a.media, Members: a.members, Notice: a.notice, Privacy: a.privacy, Purchases: a.purchase, Segments: a.segments, Consents: a.consents, Complaints: a.complaints, Campaigns: a.campaign, Repeats: repeats, Report: a.report, SMS: a.sms, Transfer: a.transfer, Staff: a.staff,
			Health: health, Callbacks: a.metrics, Now: o.Now, Log: o.Log, PublicURL: a.publicURL, Limits: a.limits(o),
		})
		if err != nil {
			return err
		}
		handler = a.api
	}
	a.server = api.NewServer(a.late.gate(handler), a.log)
	return nil
}

// limits are how often callers may call.
func (a *App) limits(o options) *limit.Limiter {
	rates := limit.Rates{}
	for kind, l := range map[string]config.Limit{
		limit.Address: o.Config.LimitAddress, limit.Staff: o.Config.LimitStaff, limit.Key: o.Config.LimitKey, limit.Account: o.Config.LimitAccount,
	} {
		if !l.Off() {
			rates[kind] = limit.Rate(l)
		}
	}
	return limit.New(limit.Deps{Bus: a.bus, Observer: a.metrics, Now: o.Now, Log: o.Log, Rates: rates})
}

func (a *App) checkDatabase(ctx context.Context) error {
	if err := a.db.Ping(ctx); err != nil {
		return err
	}
	if err := a.db.CheckSchema(ctx); err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	return nil
}
