package wechat

import (
	"context"
	"net/http"
)

// call makes a request with the account's token. A token that WeChat refuses is renewed and the request sent once
// again, which is safe because WeChat looks at the token first. Nothing else is ever repeated here.
func (a *API) call(ctx context.Context, r request, take taker) error {
	token, err := a.tokens.get(ctx)
	if err != nil {
		return err
	}
	err = a.client.exchange(ctx, a.circuit, r, token, take)
	if !isBadToken(err) {
		return err
	}
	if token, err = a.tokens.renew(ctx, token); err != nil {
		return err
	}
	return a.client.exchange(ctx, a.circuit, r, token, take)
}

// post sends value as JSON and reads the answer into out (nil for none).
func (a *API) post(ctx context.Context, r request, value, out any) error {
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	open, size, err := encode(value)
	if err != nil {
		return badInput(r.api)
	}
	r.method, r.contentType, r.open, r.size = http.MethodPost, contentJSON, open, size
	return a.call(ctx, r, takeJSON(ctx, r, out))
}

// Token gives an access token that was good when last seen. It is a secret. Errors: *Error.
func (a *API) Token(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	return a.tokens.get(ctx)
}
