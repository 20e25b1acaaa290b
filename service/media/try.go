package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/wechat"
)

// Reasons of our own; the others are WeChat's (wechat.Classify).
const (
	reasonExpired  = "expired"
	reasonAccount  = "account"
	reasonStore    = "store"
	reasonStopping = "stopping"
)

// try fetches one media into the store.
func (s *Service) try(ctx context.Context, m model.Media) outcome {
	if s.db.Now().UnixMilli() >= m.WeChatUntil {
		return outcome{state: model.MediaFailed, reason: reasonExpired}
	}
	limited, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	credentials, err := s.accounts.Credentials(limited, m.AccountID)
	if err != nil {
		return s.again(ctx, m, reasonAccount, err)
	}
	var got copied
	declared, fromWeChat, fromStore := s.copy(limited, s.wechat.Account(credentials), m, &got)
	var refused *wechat.Error
	switch {
	case fromStore != nil:
		return s.again(ctx, m, reasonStore, fromStore)
	case errors.As(fromWeChat, &refused):
		return s.judge(ctx, m, refused)
	case fromWeChat != nil:
		return s.again(ctx, m, "internal", fromWeChat)
	}
	return outcome{
		state: model.MediaReady, contentType: inboundType(m.Kind, declared, got.head), size: got.size, sha256: got.sum(),
	}
}

// copy streams from WeChat into the store. At most one of its errors is set: where the trouble began.
func (s *Service) copy(ctx context.Context, api *wechat.API, m model.Media, got *copied) (declared string, fromWeChat, fromStore error) {
	read, write := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if p := recover(); p != nil { // the program must outlive one bad answer
				fromWeChat = fmt.Errorf("fetch media: panic: %v", p)
				_ = write.CloseWithError(fromWeChat)
			}
		}()
		declared, _, fromWeChat = api.DownloadMedia(ctx, m.WeChatMediaID, model.MaxInboundMedia, write)
		_ = write.CloseWithError(fromWeChat)
	}()
	got.from = read
	fromStore = s.store.Put(ctx, blobKey(m), got, -1)
	_ = read.CloseWithError(errStoreFailed) // wakes a download that the store no longer takes
	<-ended
	if fromWeChat != nil && !errors.Is(fromWeChat, errStoreFailed) {
		return declared, fromWeChat, nil // which made the store fail
	}
	return declared, nil, fromStore
}

var errStoreFailed = errors.New("the media store failed")

// copied is what came through a reader: its size, hash and first bytes.
type copied struct {
	from io.Reader
	hash hash.Hash
	size int64
	head []byte
}

// Read reads on and takes note.
func (c *copied) Read(p []byte) (int, error) {
	if c.hash == nil {
		c.hash = sha256.New()
	}
	n, err := c.from.Read(p)
	c.hash.Write(p[:n])
	c.size += int64(n)
	c.head = append(c.head, p[:min(n, sniffBytes-len(c.head))]...)
	return n, err
}

func (c *copied) sum() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// judge turns WeChat's refusal into an outcome, by the table of the fact page (section 12).
func (s *Service) judge(ctx context.Context, m model.Media, e *wechat.Error) outcome {
	switch e.Reaction {
	case wechat.ReactReupload, wechat.ReactGiveUp:
		s.report(ctx, m, e)
		return outcome{state: model.MediaFailed, reason: e.Reason}
	case wechat.ReactSlow:
		return s.pause(ctx, m, e, time.Minute)
	case wechat.ReactStopAPIToday:
		return s.pause(ctx, m, e, model.NextBeijingDay(s.db.Now()).Sub(s.db.Now()))
	case wechat.ReactStopAccount:
		if err := s.accounts.StopSending(ctx, m.AccountID, e.Reason); err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "stop account", slog.String("account_id", m.AccountID), slog.Any("error", err))
		}
		return s.pause(ctx, m, e, stoppedPause)
	default:
		return s.again(ctx, m, e.Reason, e)
	}
}

// stoppedPause is how long an account's media wait after its settings turned out wrong; people have to mend them.
const stoppedPause = 30 * time.Second

// pause makes all media of the account wait.
func (s *Service) pause(ctx context.Context, m model.Media, e *wechat.Error, wait time.Duration) outcome {
	s.report(ctx, m, e)
	wait += time.Duration(model.Shard(m.ID)) * 100 * time.Millisecond // instances must not come back together
	s.pauses.set(m.AccountID, s.db.Now().Add(wait))
	return outcome{state: model.MediaWaiting, reason: e.Reason, after: wait}
}

// again tries later, longer each time; a try that the end of the program cut off is no failure.
func (s *Service) again(ctx context.Context, m model.Media, reason string, err error) outcome {
	if ctx.Err() != nil {
		return outcome{state: model.MediaWaiting, reason: reasonStopping, untried: true}
	}
	s.report(ctx, m, err)
	return outcome{state: model.MediaWaiting, reason: reason, after: backoff(m.Tries)}
}

func (s *Service) report(ctx context.Context, m model.Media, err error) {
	attrs := []slog.Attr{slog.String("media_id", m.ID), slog.String("account_id", m.AccountID), slog.Any("error", err)}
	s.log.LogAttrs(ctx, slog.LevelWarn, "media not fetched", attrs...)
}

// backoff grows from a second to five minutes.
func backoff(tries int64) time.Duration {
	return min(firstPause<<min(max(tries-1, 0), 16), longestPause)
}
