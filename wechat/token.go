package wechat

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const apiToken = "stable_token"

const (
	// tokenMargin is taken off a token's life: WeChat renews in its last 5 minutes, with both good.
	tokenMargin = 5 * time.Minute
	// storeTimeout keeps a hanging store from eating the call's time.
	storeTimeout = time.Second
)

// keeper keeps one account's access token: in the store for all instances, and here for when the store is away.
// It uses the stable token, which instances may fetch independently without ending each other's.
type keeper struct {
	client  *Client
	cred    Credentials
	circuit *circuit
	flights singleflight.Group

	mu     sync.Mutex
	spare  string
	until  time.Time
	forced forcedLog
}

func newKeeper(c *Client, cred Credentials, guard *circuit) *keeper {
	return &keeper{client: c, cred: cred, circuit: guard}
}

// key has a hash tag, so that in a Redis cluster an account's keys stay together.
func (k *keeper) key() string { return "wechat:token:{" + k.cred.AppID + "}" }

// get gives the token in use, or fetches one; callers at the same time share one fetch.
func (k *keeper) get(ctx context.Context) (string, error) {
	if token := k.load(ctx); token != "" {
		return token, nil
	}
	return k.share(ctx, "")
}

// renew replaces a token that WeChat refused. If another instance did so meanwhile, its token is taken.
func (k *keeper) renew(ctx context.Context, bad string) (string, error) {
	token, err := k.share(ctx, bad)
	if err == nil && token == bad { // it was somebody's fetch who did not know yet
		token, err = k.share(ctx, bad)
	}
	if err == nil && token == bad {
		return "", tokenInvalid()
	}
	return token, err
}

func tokenInvalid() error {
	return &Error{API: apiToken, Reaction: ReactRetryLater, Reason: "token_invalid"}
}

// share runs one replacement at a time for all callers, whether they have no token or a bad one: two side by side could
// end each other's. It outlives the caller who began it, so that his going does not fail the others.
func (k *keeper) share(ctx context.Context, bad string) (string, error) {
	flight := k.flights.DoChan("", func() (any, error) {
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.client.timeout)
		defer cancel()
		return k.replace(own, bad)
	})
	select {
	case result := <-flight:
		token, _ := result.Val.(string)
		return token, result.Err
	case <-ctx.Done():
		return "", failed(ctx, request{api: apiToken}, false, ctx.Err())
	}
}

func (k *keeper) replace(ctx context.Context, bad string) (string, error) {
	if token := k.load(ctx); token != "" && token != bad { // somebody was quicker
		return token, nil
	}
	if bad == "" {
		return k.fetch(ctx, false, bad)
	}
	k.drop(ctx)
	token, err := k.fetch(ctx, false, bad)
	if err != nil || token != bad {
		return token, err
	}
	// WeChat holds on to a token that it refuses: only ending it helps, which is rationed.
	if k.takeForce(ctx) {
		k.client.log.WarnContext(ctx, "access token refused though current, forcing a new one")
		return k.fetch(ctx, true, bad)
	}
	if token := k.load(ctx); token != "" { // another instance forced one
		return token, nil
	}
	return "", tokenInvalid()
}

type tokenBody struct {
	Grant  string `json:"grant_type"`
	AppID  string `json:"appid"`
	Secret string `json:"secret"`
	Force  bool   `json:"force_refresh"`
}

// fetch asks WeChat; what comes is kept unless it is the bad one again.
func (k *keeper) fetch(ctx context.Context, force bool, bad string) (string, error) {
	body := tokenBody{Grant: "client_credential", AppID: k.cred.AppID, Secret: k.cred.Secret, Force: force}
	open, size, err := encode(body)
	if err != nil {
		return "", badInput(apiToken)
	}
	var out struct {
		Token  string `json:"access_token"`
		Expire int64  `json:"expires_in"`
	}
	r := request{
		api: apiToken, method: http.MethodPost, path: "/cgi-bin/stable_token",
		contentType: contentJSON, open: open, size: size,
	}
	if err := k.client.exchange(ctx, k.circuit, r, "", takeJSON(ctx, r, &out)); err != nil {
		return "", err
	}
	if out.Token == "" {
		return "", &Error{API: apiToken, Reaction: ReactRetryLater, Reason: reasonBadAnswer}
	}
	k.client.observer.TokenRefresh(k.cred.AppID, force)
	if out.Token != bad {
		k.store(ctx, out.Token, tokenLife(out.Expire))
	}
	return out.Token, nil
}

// tokenLife is how long a token is kept; 0 is not at all. Stores refuse a life of 0, so that a token with exactly the
// margin left is kept for half of it instead.
func tokenLife(expiresIn int64) time.Duration {
	life := time.Duration(min(expiresIn, int64(24*time.Hour/time.Second))) * time.Second
	switch {
	case life > tokenMargin:
		return life - tokenMargin
	case life >= 2*time.Second:
		return life / 2
	default:
		return 0
	}
}
