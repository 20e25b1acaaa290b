package wechat

import (
	"errors"
	"strings"
	"time"
)

const maxRID = 64

// rid finds WeChat's request id, which stands in a field of its own or at the end of errmsg ("… rid: 6234-…").
// Only letters, digits and hyphens pass, so that nothing else can get into an error by it.
func (a answer) rid() string {
	id := a.RID
	if id == "" {
		_, id, _ = strings.Cut(a.Message, "rid: ")
	}
	id = strings.TrimSpace(id)
	for i, c := range id {
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			id = id[:i]
			break
		}
	}
	if len(id) > maxRID {
		return ""
	}
	return id
}

// report tells the observer of one request.
func (c *Client) report(api string, err error, start time.Time) {
	code, outcome := 0, "ok"
	var failure *Error
	if errors.As(err, &failure) {
		code, outcome = failure.Code, failure.Reaction.String()
	} else if err != nil {
		outcome = "failed"
	}
	c.observer.Call(api, code, outcome, c.now().Sub(start))
}
