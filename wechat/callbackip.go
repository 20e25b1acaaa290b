package wechat

import (
	"context"
	"net/http"
)

const apiCallbackIP = "getcallbackip"

// CallbackIPs lists the addresses that WeChat's pushes come from; they change. Errors: *Error.
func (a *API) CallbackIPs(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	var out struct {
		IPs []string `json:"ip_list"`
	}
	r := request{api: apiCallbackIP, method: http.MethodGet, path: "/cgi-bin/getcallbackip"}
	if err := a.call(ctx, r, takeJSON(ctx, r, &out)); err != nil {
		return nil, err
	}
	return out.IPs, nil
}

// CheckSecret asks WeChat for the token anew, whatever is cached, so that a wrong secret or address shows. It ends no
// token in use. Errors: *Error; its IP is the address that WeChat does not allow.
func (a *API) CheckSecret(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	_, err := a.tokens.fetch(ctx, false, "")
	return err
}
