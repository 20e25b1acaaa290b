package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"liuke/config"
	"liuke/model/database"
	"liuke/wechat/simulator"
)

type demoCommand struct {
	Keep      bool   `help:"Go on with the data of the last demo instead of starting anew."`
	Data      string `default:"data/demo" help:"Folder for the demo's data. What the last demo left there is deleted."`
	Simulator string `default:"127.0.0.1:9090" help:"Address of the WeChat simulator; when it is taken a free port is."`
}

// demoSeed makes the same openids at every start.
const demoSeed = 1

// demo is a running demo.
type demo struct {
	app    *App
	clock  sampleClock
	lots   sampleLots
	sim    *simulator.Simulator
	simURL string
}

// Run serves the sample chain beside the simulator until told to stop.
func (c demoCommand) Run(w *world) (err error) {
	// What people want to see in a demo are its addresses.
	quiet := *w
	quiet.environ = append([]string{"LIUKE_LOG_LEVEL=warn"}, w.environ...)
	cfg, log, err := quiet.settings()
	if err != nil {
		return err
	}
	if err := mayListen(w.ctx, cfg.Listen); err != nil { // before the data of a demo that runs there is touched
		return fmt.Errorf("%w; LIUKE_LISTEN names another address", err)
	}
	folder, err := openDemoFolder(c.Data, c.Keep)
	if err != nil {
		return err
	}
	c.embed(&cfg)

	d := &demo{}
	if d.sim, err = simulator.New(simulator.Options{Now: d.clock.Now, Log: log, Seed: demoSeed}); err != nil {
		return err
	}
	defer d.sim.Close()
	listener, err := listenOrFree(w.ctx, c.Simulator)
	if err != nil {
		return err
	}
	d.simURL = "http://" + listener.Addr().String()
	cfg.WeChatAPIURL = d.simURL
	wechat, endWeChat := context.WithCancel(context.WithoutCancel(w.ctx)) // it outlives the server, which stops in order
	wechatEnded := make(chan error, 1)
	go func() {
		wechatEnded <- serveHTTP(wechat, &http.Server{Handler: d.sim.Handler(), ReadHeaderTimeout: 5 * time.Second}, listener)
	}()
	defer func() {
		endWeChat()
		err = errors.Join(err, <-wechatEnded)
	}()
	if d.app, err = newApp(w.ctx, options{Config: cfg, Role: roleAll, Now: d.clock.Now, Log: log, Draw: d.lots.Draw}); err != nil {
		return err
	}
	return errors.Join(d.run(w, folder, log), d.app.Close())
}

// embed puts everything into the demo's folder and this process.
func (c demoCommand) embed(cfg *config.Config) {
	cfg.Database = config.Database{Kind: database.SQLite, Path: filepath.Join(c.Data, demoDatabase)}
	cfg.Media = config.Media{Kind: config.File, Dir: filepath.Join(c.Data, demoMedia)}
	cfg.JournalDir = filepath.Join(c.Data, demoJournal)
	cfg.Redis, cfg.MasterKeys = config.Redis{}, nil
}

// run serves, fills what is empty, prints the addresses and waits for the end.
func (d *demo) run(w *world, folder *demoFolder, log *slog.Logger) error {
	serving, stop := context.WithCancel(w.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		err := d.app.Run(serving)
		stop()
		ended <- err
	}()
	err := d.start(serving, w, folder)
	if err == nil {
		err = d.stage()
	}
	if err == nil {
		d.print(w, folder)
		<-serving.Done()
	}
	stop()
	ranInto := <-ended
	if err != nil && (w.ctx.Err() != nil || ranInto != nil) { // told to stop, or the server's own error says more
		log.LogAttrs(w.ctx, slog.LevelDebug, "the start of the demo was ended", slog.Any("error", err))
		err = nil
	}
	return errors.Join(err, ranInto)
}

// start waits until the server is ready and makes the sample chain, or finds the one that was kept.
func (d *demo) start(ctx context.Context, w *world, folder *demoFolder) error {
	local := "http://" + localAddress(d.app.Addr())
	if err := d.sim.AddAccount(simulator.Account{
		AppID: sampleAppID, Name: sampleChain, Secret: sampleSecret, Token: sampleToken, AESKey: sampleAESKey, OriginalID: sampleOriginalID,
		Callback: local + "/wechat/" + sampleAppID,
	}); err != nil {
		return err
	}
	if err := awaitReady(ctx, local+"/readyz"); err != nil {
		return err
	}
	if folder.filled {
		return recall(ctx, d.app.db, d.sim)
	}
	w.print("正在准备示例数据…… making the sample data ...\n")
	d.clock.ago(sampleDays * 24 * time.Hour)
	defer d.clock.ago(0)
	s, err := addSampleAccount(ctx, sampleRooms{
		DB: d.app.db, Accounts: d.app.accounts, Staff: d.app.staff, Members: d.app.members, Binding: d.app.binding,
		Chat: d.app.chat, SMS: d.app.sms, Sim: d.sim, Purchases: d.app.purchase, Segments: d.app.segments, Consents: d.app.consents,
		Campaigns: d.app.campaign, Lots: &d.lots,
	}, &d.clock)
	if err != nil {
		return err
	}
	if err := s.fill(ctx); err != nil {
		return err
	}
	return folder.markFilled()
}

// mayListen says in time that an address is taken.
func mayListen(ctx context.Context, address string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return l.Close()
}

// listenOrFree listens on the address, or on a free port of its host when the port is taken.
func listenOrFree(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, split := net.SplitHostPort(address)
	if split != nil {
		return nil, &usageError{"--simulator must be host:port"}
	}
	return config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}

// localAddress is how this machine reaches an address that is listened on.
func localAddress(bound string) string {
	host, port, err := net.SplitHostPort(bound)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return bound
}

// awaitReady asks until the server says that it is ready.
func awaitReady(ctx context.Context, url string) error {
	const every, longest = 10 * time.Millisecond, 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !answersOK(ctx, url) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the server to be ready: %w", ctx.Err())
		}
	}
	return nil
}

func answersOK(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
