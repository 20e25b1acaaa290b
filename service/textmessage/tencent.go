package textmessage

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"
)

// Tencent Cloud's API of text messages (document 382/55981).
const (
	tencentService = "sms"
	tencentVersion = "2021-01-11"
	tencentAction  = "SendSms"
)

const (
	dialTimeout = 4 * time.Second
	idleTimeout = 30 * time.Second
	idlePerHost = 64
	// maxAnswer bounds an answer; that about one message has some 400 bytes.
	maxAnswer = 64 << 10
)

// Tencent calls Tencent Cloud for many accounts over one transport. It is safe for concurrent use.
type Tencent struct {
	base      *url.URL
	transport *http.Transport
	now       func() time.Time
}

// TencentAccount is whose messages are sent, and by which app.
type TencentAccount struct {
	SecretID  string
	SecretKey string
	AppID     string // SmsSdkAppId
	Region    string // ap-guangzhou, …
}

// NewTencent checks the address; nothing is sent. No other host is spoken to, and no redirect is followed.
func NewTencent(baseURL string, now func() time.Time) (*Tencent, error) {
	base, err := url.Parse(baseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("text message: base address must be http(s)://host")
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &Tencent{base: base, now: now, transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: idleTimeout}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: idlePerHost,
		IdleConnTimeout:     idleTimeout,
		Protocols:           protocols,
	}}, nil
}

// Close drops idle connections.
func (t *Tencent) Close() { t.transport.CloseIdleConnections() }

// Account sends as one account.
func (t *Tencent) Account(a TencentAccount) Provider { return tencentSender{t, a} }

type tencentSender struct {
	client  *Tencent
	account TencentAccount
}

// Send calls SendSms for one phone. Tencent Cloud takes no id by which it would know a repeat (SessionContext only comes
// back), so what may have been sent is not sent again.
func (s tencentSender) Send(ctx context.Context, m Message) (Receipt, error) {
	body, err := json.Marshal(struct {
		Phones    []string `json:"PhoneNumberSet"`
		AppID     string   `json:"SmsSdkAppId"`
		Template  string   `json:"TemplateId"`
		Signature string   `json:"SignName"`
		Params    []string `json:"TemplateParamSet"`
		Context   string   `json:"SessionContext"`
	}{[]string{m.Phone}, s.account.AppID, m.TemplateID, m.Signature, append([]string{}, m.Params...), m.ID})
	if err != nil {
		return Receipt{}, &Error{Reaction: GiveUp, Reason: ReasonContent}
	}
	connected := false
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(traced, http.MethodPost, s.client.base.Scheme+"://"+s.client.base.Host+"/", bytes.NewReader(body))
	if err != nil {
		return Receipt{}, &Error{Reaction: Mend, Reason: ReasonCredentials}
	}
	at := s.client.now()
	for name, value := range map[string]string{
		"Content-Type":   contentJSON,
		"X-TC-Action":    tencentAction,
		"X-TC-Version":   tencentVersion,
		"X-TC-Region":    s.account.Region,
		"X-TC-Timestamp": strconv.FormatInt(at.Unix(), 10),
		"Authorization": authorization(s.account.SecretID, s.account.SecretKey, tencentService,
			canonical(s.client.base.Host, tencentAction, body), at),
	} {
		req.Header.Set(name, value)
	}
	resp, err := s.client.transport.RoundTrip(req)
	if err != nil {
		// The cause may repeat what was sent.
		if !connected {
			return Receipt{}, &Error{Reaction: Later, Reason: ReasonUnreachable}
		}
		return Receipt{}, &Error{Reaction: Unknown, Reason: ReasonNoAnswer}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return Receipt{}, &Error{Status: resp.StatusCode, Reaction: Unknown, Reason: ReasonNoAnswer}
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return Receipt{}, &Error{Reaction: Unknown, Reason: ReasonNoAnswer}
	}
	return readTencent(text)
}

// tencentOK is the code of a message that was taken.
const tencentOK = "Ok"

// readTencent reads an answer: Error is about the call, SendStatusSet about each phone.
func readTencent(text []byte) (Receipt, error) {
	var answer struct {
		Response struct {
			Error *struct {
				Code string `json:"Code"`
			} `json:"Error"`
			Sent []struct {
				Code string `json:"Code"`
				Fee  int64  `json:"Fee"`
			} `json:"SendStatusSet"`
			RequestID string `json:"RequestId"`
		} `json:"Response"`
	}
	bad := json.Unmarshal(text, &answer) != nil
	r := answer.Response
	code := ""
	switch {
	case bad:
	case r.Error != nil:
		code = r.Error.Code
	case len(r.Sent) == 1 && r.Sent[0].Code == tencentOK:
		return Receipt{Parts: max(r.Sent[0].Fee, 1)}, nil
	case len(r.Sent) == 1:
		code = r.Sent[0].Code
	}
	if code == "" {
		return Receipt{}, &Error{RequestID: r.RequestID, Reaction: Unknown, Reason: ReasonNoAnswer}
	}
	v := judge(code)
	return Receipt{}, &Error{Code: code, RequestID: r.RequestID, Reaction: v.reaction, Reason: v.reason}
}
