package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"liuke/api"
	callbackapi "liuke/api/callback"
	"liuke/bench/naive"
	accounts "liuke/service/account"
	"liuke/service/metrics"
	"liuke/wechat"
)

// ownFloor is our own callback behind our own server, with everything that Liuke does before it stores a push, and with
// the answer it gives then; only that nothing is stored. What our way of storing costs stands beside it.
func ownFloor(s naive.Settings) *http.Server {
	callback := callbackapi.New(callbackapi.Deps{
		Accounts: oneAccount{accounts.Callback{AccountID: s.AppID, Secrets: wechat.Secrets{AppID: s.AppID, Token: s.Token, AESKeys: []string{s.AESKey}}}},
		Inbox:    nowhere{}, Observer: metrics.New(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	mux := http.NewServeMux()
	mux.Handle(callbackapi.Prefix, callback)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	return api.NewServer(mux, slog.New(slog.DiscardHandler))
}

// oneAccount is known without any database.
type oneAccount struct{ known accounts.Callback }

func (a oneAccount) ByAppID(context.Context, string) (*accounts.Callback, error) {
	return &a.known, nil
}

func (oneAccount) Refused(string, string) {}

// nowhere takes every push and keeps none.
type nowhere struct{}

func (nowhere) Accept(context.Context, string, wechat.Push, []byte) error { return nil }
