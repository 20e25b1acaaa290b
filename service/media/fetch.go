package media

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// Limits of the fetching.
const (
	// parallel is how many are fetched at once by one instance.
	parallel = 4
	// fetchEvery is how often each of them looks for what is due beside being woken.
	fetchEvery = 2 * time.Second
	// lease is how long a row is in one instance's hands; a crash makes it due again after that.
	lease = 20 * time.Second
	// fetchTimeout ends a fetch before its lease does.
	fetchTimeout = lease - 3*time.Second
	// settleTimeout bounds the writing down, also while the program stops.
	settleTimeout = 2 * time.Second
	// choices is how many due rows are looked at to find one that no other takes.
	choices = 4 * parallel
	// firstPause and longestPause bound the wait after a failure.
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// clocksAgree is by how much the instances' clocks may differ.
	clocksAgree = time.Minute
)

// fetch takes up one due row after the other until none is left.
func (s *Service) fetch(ctx context.Context) error {
	for ctx.Err() == nil {
		m, err := s.claim(ctx)
		if err != nil {
			return err
		}
		if m == nil {
			return nil
		}
		if err := s.carry(ctx, *m); err != nil {
			return err
		}
	}
	return nil
}

// claim takes a due row, or nil if there is none. A row in another's hands is due when that lease has ended. One that is due
// later than any pause lasts was written by a clock that has since been put back, and is due now.
func (s *Service) claim(ctx context.Context) (*model.Media, error) {
	now := s.db.Now()
	q := s.db.Read(ctx).Where("state IN ? AND (due_at <= ? OR due_at > ?)", []string{model.MediaWaiting, model.MediaFetching},
		model.Millis(now), model.Millis(now.Add(longestPause+clocksAgree)))
	if paused := s.pauses.accounts(now); len(paused) > 0 {
		q = q.Where("account_id NOT IN ?", paused)
	}
	var due []model.Media
	if err := q.Order("due_at, id").Limit(choices).Find(&due).Error; err != nil {
		return nil, fmt.Errorf("look for media to fetch: %w", err)
	}
	for _, m := range due {
		until := model.Millis(now.Add(lease))
		n, err := s.db.Exec(ctx,
			"UPDATE media SET state = ?, owner = ?, lease_until = ?, due_at = ?, tries = tries + 1 WHERE id = ? AND state = ? AND tries = ?",
			model.MediaFetching, s.owner, until, until, m.ID, m.State, m.Tries)
		if err != nil {
			return nil, fmt.Errorf("take media to fetch: %w", err)
		}
		if n == 1 {
			m.State, m.Owner, m.Tries = model.MediaFetching, s.owner, m.Tries+1
			return &m, nil
		}
	}
	return nil, nil
}

// outcome is what came of one try.
type outcome struct {
	state       string
	reason      string
	after       time.Duration // with state waiting: when to try again
	untried     bool          // the try does not count
	contentType string
	size        int64
	sha256      string
}

// carry makes one try and writes down what came of it.
func (s *Service) carry(ctx context.Context, m model.Media) error {
	o := s.try(ctx, m)
	s.log.LogAttrs(ctx, slog.LevelInfo, "media fetched", slog.String("media_id", m.ID), slog.String("state", o.state),
		slog.String("reason", o.reason), slog.Int64("try", m.Tries), slog.Int64("bytes", o.size))
	if s.observer != nil {
		s.observer.Fetched(m.Kind, o.state, o.reason)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.settleTx(tx, m, o) })
}

// settleTx writes an outcome, if the row is still in our hands: the number of the try says so.
func (s *Service) settleTx(tx *database.Tx, m model.Media, o outcome) error {
	m.State, m.Reason, m.ContentType, m.Size, m.SHA256 = o.state, o.reason, o.contentType, o.size, o.sha256
	m.Owner, m.LeaseUntil, m.DueAt = "", 0, 0
	if o.state == model.MediaReady {
		m.BlobKey = blobKey(m)
	}
	tries := m.Tries
	if o.state == model.MediaWaiting {
		m.DueAt = min(tx.Millis()+o.after.Milliseconds(), max(m.WeChatUntil, tx.Millis()))
		if o.untried {
			m.Tries--
		}
	}
	r := tx.Model(&model.Media{}).
		Where("id = ? AND state = ? AND owner = ? AND tries = ?", m.ID, model.MediaFetching, s.owner, tries).
		Updates(map[string]any{
			"state": m.State, "reason": m.Reason, "content_type": m.ContentType, "size": m.Size, "sha256": m.SHA256,
			"blob_key": m.BlobKey, "owner": m.Owner, "lease_until": m.LeaseUntil, "due_at": m.DueAt, "tries": m.Tries,
		})
	if r.Error != nil {
		return fmt.Errorf("write down what became of media: %w", r.Error)
	}
	if r.RowsAffected == 0 || o.state == model.MediaWaiting {
		return nil
	}
	for _, f := range s.done {
		if err := f(tx, m); err != nil {
			return err
		}
	}
	return nil
}
