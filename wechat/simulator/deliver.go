package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// tries is how often WeChat sends a push in all.
const tries = 3

// The results of a try.
const (
	resultOK      = "ok"
	resultTimeout = "timeout"
	resultRefused = "refused"
	resultStatus  = "status"
	resultBad     = "bad_answer"
)

// deliver makes the first try and leaves the others to a goroutine.
func (s *Simulator) deliver(j *job) {
	start := s.real()
	switch {
	case j.concurrent:
		s.working.Go(func() { s.burst(j, tries) })
	case j.duplicate:
		s.burst(j, 2)
	default:
		if result := s.try(j); s.settled(j, result) {
			return
		}
		s.working.Go(func() { s.repeat(j, start) })
	}
}

// settled finishes the push when nothing is left to try. A bad answer is not repeated: WeChat shows its notice at once.
func (s *Simulator) settled(j *job, result string) bool {
	if result == resultOK || result == resultBad {
		s.finish(j, result == resultOK)
		return true
	}
	return false
}

func (s *Simulator) repeat(j *job, start time.Time) {
	for n := 1; n < tries; n++ {
		due := time.Duration(n) * s.spacing
		if !s.wait(s.ctx, max(0, due-s.real().Sub(start))) {
			break
		}
		if s.settled(j, s.try(j)) {
			return
		}
	}
	s.finish(j, false)
}

// burst makes n tries at the same time.
func (s *Simulator) burst(j *job, n int) {
	var wg sync.WaitGroup
	results := make([]string, n)
	for i := range n {
		wg.Go(func() { results[i] = s.try(j) })
	}
	wg.Wait()
	s.finish(j, slices.Contains(results, resultOK))
}

// try makes one attempt and logs it.
func (s *Simulator) try(j *job) string {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-s.ctx.Done():
		return resultRefused
	}
	s.mu.Lock()
	acc := *s.accounts[j.push.AppID]
	s.mu.Unlock()

	start := s.real()
	status, body, err := s.post(&acc, j)
	took := s.real().Sub(start)
	result := resultStatus
	var reply *reply
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		result = resultTimeout
	case err != nil:
		result = resultRefused
	case status == http.StatusOK:
		if reply, err = readReply(&acc, j.push.OpenID, body); err != nil {
			result = resultBad
		} else {
			result = resultOK
		}
	}
	if result != resultOK {
		s.log.WarnContext(s.ctx, "push not taken", slog.Int64("push_id", j.push.ID), slog.String("result", result), slog.Int("status", status))
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	j.push.Tries = append(j.push.Tries, Try{At: start, Took: took, Status: status, Result: result})
	// A repeat that is answered as well must not show the reply again.
	if result == resultOK && !j.push.Delivered {
		j.push.Delivered = true
		s.showReply(j, reply)
	}
	return result
}

func (s *Simulator) post(acc *account, j *job) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	timestamp := strconv.FormatInt(s.real().Add(j.skew).Unix(), 10)
	nonce := s.nonce()
	query := url.Values{
		"signature": {sign(acc.Token, timestamp, nonce)},
		"timestamp": {timestamp},
		"nonce":     {nonce},
		"openid":    {j.push.OpenID},
	}
	body := []byte(j.push.XML)
	if acc.key != nil {
		text, err := encrypt(acc.key, acc.AppID, body)
		if err != nil {
			return 0, nil, fmt.Errorf("encrypt a push: %w", err)
		}
		query.Set("encrypt_type", "aes")
		query.Set("msg_signature", sign(acc.Token, timestamp, nonce, text))
		body = []byte(writeXML([]Field{{Name: "ToUserName", Value: acc.OriginalID}, {Name: "Encrypt", Value: text}}))
	}
	address, err := withQuery(acc.Callback, query)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("make a push: %w", err)
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("User-Agent", "Mozilla/4.0")
	return s.do(req)
}

func (s *Simulator) do(req *http.Request) (status int, answer []byte, err error) {
	res, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // nothing to do about it
	answer, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	return res.StatusCode, answer, nil
}

// withQuery adds WeChat's parameters to those that the callback's address has itself.
func withQuery(address string, query url.Values) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read the callback address: %w", err)
	}
	for k, v := range u.Query() {
		query[k] = append(query[k], v...)
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

func (s *Simulator) nonce() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := int64(0)
	for _, b := range s.fresh(8, "nonce") {
		n = n*31 + int64(b)
	}
	return strconv.FormatInt(n%2_000_000_000, 10)
}

// VerifyCallback does the signed GET with which WeChat checks an address when the operator saves it: the answer must
// be the echostr and nothing else.
func (s *Simulator) VerifyCallback(ctx context.Context, appid string) error {
	s.mu.Lock()
	found, err := s.account(appid)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	acc := *found
	s.mu.Unlock()
	timestamp, nonce, echo := strconv.FormatInt(s.real().Unix(), 10), s.nonce(), s.nonce()+s.nonce()
	address, err := withQuery(acc.Callback, url.Values{
		"signature": {sign(acc.Token, timestamp, nonce)}, "timestamp": {timestamp}, "nonce": {nonce}, "echostr": {echo},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("make the check: %w", err)
	}
	status, body, err := s.do(req)
	if err != nil {
		return fmt.Errorf("ask the callback: %w", err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("the callback answered HTTP %d", status)
	}
	if string(body) != echo {
		return errors.New("the callback did not answer the echostr as it is")
	}
	return nil
}
