package wechat

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

const apiWebLogin = "sns/oauth2/access_token"

// Hosts of WeChat: pages are opened on another one than the API.
const (
	apiHost  = "api.weixin.qq.com"
	pageHost = "https://open.weixin.qq.com"
)

// AuthorizeURL is where a page sends somebody so that WeChat brings him back to redirect with a code and the state. The
// base scope asks him nothing and tells his openid alone (fact page, section 9; the order of the parameters matters).
func (a *API) AuthorizeURL(redirect, state string) string {
	base := strings.TrimSuffix(a.client.base.String(), "/")
	if a.client.base.Host == apiHost {
		base = pageHost
	}
	return base + "/connect/oauth2/authorize?appid=" + url.QueryEscape(a.appID) + "&redirect_uri=" + url.QueryEscape(redirect) +
		"&response_type=code&scope=snsapi_base&state=" + url.QueryEscape(state) + "#wechat_redirect"
}

// WebOpenID tells whose code it is; a code works once, for five minutes. A page that WeChat shows as a snapshot has an
// openid of nobody and gives none. Errors: *Error.
func (a *API) WebOpenID(ctx context.Context, code string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	var out struct {
		OpenID   string `json:"openid"`
		Snapshot int    `json:"is_snapshotuser"`
	}
	r := request{
		api: apiWebLogin, method: http.MethodGet, path: "/sns/oauth2/access_token", query: url.Values{
			"appid": {a.appID}, "secret": {a.tokens.cred.Secret}, "code": {code}, "grant_type": {"authorization_code"},
		},
	}
	if err := a.client.exchange(ctx, a.circuit, r, "", takeJSON(ctx, r, &out)); err != nil {
		return "", err
	}
	if out.Snapshot != 0 {
		return "", nil
	}
	return out.OpenID, nil
}
