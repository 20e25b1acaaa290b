package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// maxAnswer bounds an answer in JSON; WeChat's largest, a page of 10,000 openids, has under 400 KiB.
const maxAnswer = 1 << 20

const contentJSON = "application/json; charset=utf-8"

// request is one call. Only those that may be given twice without harm have once unset.
type request struct {
	api         string
	method      string
	path        string
	query       url.Values
	contentType string
	size        int64
	// open gives the body from its start, nil for none. ok is false where a second run is impossible.
	open func() (body io.Reader, ok bool)
	// once marks what must not happen twice: a lost answer is then ReactUnknown.
	once bool
}

// reply is an answer of status 200; length is -1 if it was not told. The body is closed by who gives it to a taker.
type reply struct {
	kind   string
	length int64
	body   io.Reader
}

type taker func(reply) error

// encode makes a JSON body in which text stands as it is: WeChat shows \u003c to the member literally in places.
func encode(value any) (func() (io.Reader, bool), int64, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, 0, err
	}
	text := bytes.TrimRight(buffer.Bytes(), "\n")
	return func() (io.Reader, bool) { return bytes.NewReader(text), true }, int64(len(text)), nil
}

// exchange makes one HTTP request and gives the answer, of status 200, to take. Its errors are *Error.
func (c *Client) exchange(ctx context.Context, guard *circuit, r request, token string, take taker) error {
	address := *c.base
	address.Path = strings.TrimSuffix(address.Path, "/") + r.path
	query := url.Values{}
	if token != "" {
		query.Set("access_token", token)
	}
	for name, values := range r.query {
		query[name] = values
	}
	address.RawQuery = query.Encode()
	return guard.guard(r.api, func() error { return c.roundTrip(ctx, &address, r, take) })
}

func (c *Client) roundTrip(ctx context.Context, address *url.URL, r request, take taker) (err error) {
	start := c.now()
	defer func() { c.report(r.api, err, start) }()
	var left departure
	var body source
	defer body.stop()
	req, err := r.build(left.watch(ctx), address, &body)
	if err != nil {
		return err
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		if body.hasFailed() {
			return &Error{API: r.api, Reaction: ReactRetryLater, Reason: reasonSource}
		}
		return failed(ctx, r, left.mayHaveLeft(ctx), err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return &Error{
			API: r.api, Status: resp.StatusCode, Reason: reasonHTTPStatus, transport: true,
			Reaction: lost(r, true), Left: true,
		}
	}
	return take(reply{kind: resp.Header.Get("Content-Type"), length: resp.ContentLength, body: resp.Body})
}

func (r request) build(ctx context.Context, address *url.URL, body *source) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, address.String(), http.NoBody)
	if err != nil {
		return nil, badInput(r.api) // the cause repeats the address
	}
	if r.open == nil {
		return req, nil
	}
	reader, ok := r.open()
	if !ok {
		return nil, &Error{API: r.api, Reaction: ReactRetryLater, Reason: reasonSource}
	}
	body.reader = reader
	// GetBody stays nil: net/http then never repeats a POST on its own.
	req.Body, req.ContentLength = io.NopCloser(body), r.size
	req.Header.Set("Content-Type", r.contentType)
	return req, nil
}

// lost is the reaction to an exchange without a usable answer.
func lost(r request, mayHaveLeft bool) Reaction {
	if r.once && mayHaveLeft {
		return ReactUnknown
	}
	return ReactRetryLater
}

// failed hides the cause, which may hold the address with the token, and keeps its kind.
func failed(ctx context.Context, r request, mayHaveLeft bool, err error) *Error {
	failure := &Error{API: r.api, Reason: reasonNetwork, Reaction: lost(r, mayHaveLeft), Left: mayHaveLeft, transport: true}
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		failure.Reason, failure.cause, failure.transport = reasonCanceled, context.Canceled, false
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		failure.Reason, failure.cause = reasonTimeout, context.DeadlineExceeded
	}
	return failure
}

// answer is the part that all of WeChat's JSON answers have.
type answer struct {
	Code    *int            `json:"errcode"`
	Message string          `json:"errmsg"`
	RID     string          `json:"rid"`
	MsgID   json.RawMessage `json:"msg_id"` // a number where we need it: beside 45065
}

// takeJSON reads an answer in JSON into out (nil for none).
func takeJSON(ctx context.Context, r request, out any) taker {
	return func(got reply) error {
		text, err := io.ReadAll(io.LimitReader(got.body, maxAnswer+1))
		if err != nil {
			return failed(ctx, r, true, err)
		}
		return readAnswer(r, text, out)
	}
}

func readAnswer(r request, text []byte, out any) error {
	var head answer
	bad := len(text) > maxAnswer || json.Unmarshal(text, &head) != nil
	// Whoever sent an answer without an errcode to a message, it was not WeChat taking it.
	if bad || r.once && head.Code == nil {
		return badAnswer(r)
	}
	if head.Code != nil && *head.Code != 0 {
		reaction, reason := Classify(r.api, *head.Code)
		return &Error{
			API: r.api, Code: *head.Code, RID: head.rid(), IP: refusedIP(r.api, *head.Code, head.Message),
			Field: refusedField(*head.Code, head.Message), Reaction: reaction, Reason: reason, msgID: head.sendID(),
		}
	}
	if out != nil && json.Unmarshal(text, out) != nil {
		return badAnswer(r)
	}
	return nil
}

func badAnswer(r request) error {
	return &Error{API: r.api, Reason: reasonBadAnswer, Reaction: lost(r, true), Left: true, transport: true}
}

// sendID is the id of the send that an answer speaks of, empty for none.
func (a answer) sendID() string {
	id, err := strconv.ParseInt(strings.Trim(string(a.MsgID), `"`), 10, 64)
	if err != nil || id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
