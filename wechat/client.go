package wechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// MaxTimeout is the longest that a call to WeChat may take as a whole, token and repeat included.
const MaxTimeout = 8 * time.Second

// TokenStore keeps access tokens where all instances see them. What it holds is secret. Its failures never fail a call.
type TokenStore interface {
	// Get returns "" for none.
	Get(ctx context.Context, key string) (string, error)
	Set(ctx context.Context, key, value string, ttl time.Duration) error
	Delete(ctx context.Context, key string) error
}

// Observer takes the figures. It must not block.
type Observer interface {
	// Call reports one request: WeChat's errcode (0 if none) and the reaction's word, "ok" for a success.
	Call(api string, code int, outcome string, d time.Duration)
	// TokenRefresh reports a token fetched; forced if the old one was ended by it.
	TokenRefresh(appid string, forced bool)
}

// Options of a Client. Only BaseURL and Now are required.
type Options struct {
	// BaseURL such as https://api.weixin.qq.com; no other host is spoken to, except for videos.
	BaseURL string
	// Tokens is nil for one process alone: then they are kept in memory.
	Tokens   TokenStore
	Observer Observer
	Now      func() time.Time
	Log      *slog.Logger
	// Timeout is for a whole call; 0 means MaxTimeout, which is also the most.
	Timeout time.Duration
}

// Credentials of one account.
type Credentials struct {
	AppID  string
	Secret string
}

// Client calls WeChat for many accounts over one transport. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	transport *http.Transport
	tokens    TokenStore
	observer  Observer
	now       func() time.Time
	log       *slog.Logger
	timeout   time.Duration

	mu       sync.Mutex
	accounts map[Credentials]*API
}

// API is WeChat's API as one account. It is safe for concurrent use.
type API struct {
	client  *Client
	appID   string
	tokens  *keeper
	circuit *circuit
}

// NewClient checks the options; nothing is sent.
func NewClient(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("wechat: base address must be http(s)://host")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("wechat: base address must have no user, query or fragment")
	}
	if o.Now == nil {
		return nil, errors.New("wechat: clock missing")
	}
	if o.Timeout == 0 {
		o.Timeout = MaxTimeout
	}
	if o.Timeout < 0 || o.Timeout > MaxTimeout {
		return nil, fmt.Errorf("wechat: time-out must be at most %s", MaxTimeout)
	}
	if o.Tokens == nil {
		o.Tokens = &memoryTokens{now: o.Now, entries: map[string]memoryToken{}}
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{
		base: base, transport: newTransport(), tokens: o.Tokens, observer: o.Observer,
		now: o.Now, log: o.Log, timeout: o.Timeout, accounts: map[Credentials]*API{},
	}, nil
}

// Account gives the API of one account; the same one for the same credentials.
func (c *Client) Account(cred Credentials) *API {
	c.mu.Lock()
	defer c.mu.Unlock()
	if api, ok := c.accounts[cred]; ok {
		return api
	}
	guard := newCircuit()
	api := &API{client: c, appID: cred.AppID, circuit: guard, tokens: newKeeper(c, cred, guard)}
	c.accounts[cred] = api
	return api
}

// Close drops idle connections; calls under way end by their own time-outs.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

type unobserved struct{}

func (unobserved) Call(string, int, string, time.Duration) {}
func (unobserved) TokenRefresh(string, bool)               {}
