package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/worker"
)

const (
	// workAtOnce is how many erasures one look takes.
	workAtOnce = 50
	// waitMillis is how long an erasure that has to wait is left alone, failMillis one whose step failed.
	waitMillis = 1_000
	failMillis = 30_000
)

// Work takes the erasures that are due as far as they go now. One that fails keeps no other from going on.
func (s *Service) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		var ids []string
		err := s.db.Read(ctx).Model(&model.Erasure{}).Where("due_at > 0 AND due_at <= ?", s.db.Now().UnixMilli()).
			Order("due_at, id").Limit(workAtOnce).Pluck("id", &ids).Error
		if err != nil {
			return fmt.Errorf("look for erasures: %w", err)
		}
		for _, id := range ids {
			if err := s.advance(ctx, id); err != nil {
				if ctx.Err() != nil || errors.Is(err, worker.ErrLeaseLost) || database.IsTransient(err) {
					return err
				}
				s.log.LogAttrs(ctx, slog.LevelError, "an erasure does not go on", slog.String("erasure_id", id), slog.Any("error", err))
				if err := s.postpone(ctx, id); err != nil {
					return err
				}
			}
		}
		if len(ids) < workAtOnce {
			return nil
		}
	}
	return ctx.Err()
}

func (s *Service) postpone(ctx context.Context, id string) error {
	_, err := s.db.Exec(ctx, "UPDATE erasures SET due_at = ? WHERE id = ? AND due_at > 0", s.db.Now().UnixMilli()+failMillis, id)
	if err != nil {
		return fmt.Errorf("put an erasure off: %w", err)
	}
	return nil
}

// advance goes on with one erasure until it has to wait or has ended.
func (s *Service) advance(ctx context.Context, id string) error {
	for {
		var e model.Erasure
		if err := s.db.Read(ctx).First(&e, "id = ?", id).Error; err != nil {
			return fmt.Errorf("read an erasure: %w", err)
		}
		if e.DueAt == 0 || e.DueAt > s.db.Now().UnixMilli() || ctx.Err() != nil {
			return ctx.Err()
		}
		var err error
		switch e.State {
		case model.ErasureWaiting:
			err = s.begun(ctx, e)
		case model.ErasureErasing:
			err = s.erase(ctx, e)
		}
		if err != nil {
			return err
		}
	}
}

// part is what one step did.
type part struct {
	rows  map[string]int64 // by table
	files int64
	more  bool   // the same step has more to do
	waits string // model.WaitsFor…: the same step again, later
}

func (p part) found() bool {
	for _, n := range p.rows {
		if n > 0 {
			return true
		}
	}
	return p.files > 0
}

// hold reads an erasure in a transaction that proves the lease, and makes sure that it is where it was.
func (s *Service) hold(tx *database.Tx, was model.Erasure) (model.Erasure, error) {
	var e model.Erasure
	if err := s.leases.HeldTx(tx, workLease); err != nil {
		return e, err
	}
	if err := tx.Lock().First(&e, "id = ?", was.ID).Error; err != nil {
		return e, fmt.Errorf("hold an erasure: %w", err)
	}
	if e.State != was.State || e.Step != was.Step || e.RoundAt != was.RoundAt {
		return e, worker.ErrLeaseLost
	}
	return e, nil
}

// save writes what a step changed of an erasure, with what it counted.
func save(tx *database.Tx, e *model.Erasure, p part) error {
	counts := map[string]int64{}
	if err := json.Unmarshal([]byte(e.Counts), &counts); err != nil {
		return fmt.Errorf("read the counts of an erasure: %w", err)
	}
	for table, n := range p.rows {
		counts[table] += n
	}
	text, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("write the counts of an erasure: %w", err)
	}
	e.Counts, e.Files = string(text), e.Files+p.files
	if err := tx.Select("*").Where("id = ?", e.ID).Updates(e).Error; err != nil {
		return fmt.Errorf("note how far an erasure is: %w", err)
	}
	return nil
}

// erase does one part of one table's step, or ends a round over the tables.
func (s *Service) erase(ctx context.Context, was model.Erasure) error {
	var who subject
	if err := json.Unmarshal([]byte(was.Subject), &who); err != nil {
		return fmt.Errorf("read whose data an erasure is about: %w", err)
	}
	steps := sweeping()
	if was.Step >= int64(len(steps)) {
		return s.endRound(ctx, was)
	}
	r := steps[was.Step]
	if err := s.before(r.table); err != nil {
		return err
	}
	work := plain(r)
	if r.sweep != nil {
		work = r.sweep
	}
	do, err := work(ctx, s, was, who)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		e, err := s.hold(tx, was)
		if err != nil {
			return err
		}
		p, err := do(tx)
		if err != nil {
			return err
		}
		if e.RoundAt == 0 {
			e.RoundAt = tx.Millis()
		}
		e.Dirty = e.Dirty || p.found()
		e.WaitsFor, e.DueAt = p.waits, tx.Millis()
		switch {
		case p.waits != "":
			e.DueAt += waitMillis
		case !p.more:
			e.Step++
		}
		return save(tx, &e, p)
	})
}

// endRound ends the erasure after a round that began late enough and found nothing; else there is another.
func (s *Service) endRound(ctx context.Context, was model.Erasure) error {
	if err := s.before("round"); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		e, err := s.hold(tx, was)
		if err != nil {
			return err
		}
		calm := e.CutAt + model.ErasureCalm
		if e.Dirty || e.RoundAt < calm {
			e.Step, e.Dirty, e.RoundAt, e.WaitsFor = 0, false, 0, ""
			if e.DueAt = tx.Millis(); e.DueAt < calm {
				e.DueAt, e.WaitsFor = calm, model.WaitsForCalm
			}
			return save(tx, &e, part{})
		}
		e.State, e.FinishedAt, e.DueAt, e.WaitsFor = model.ErasureDone, tx.Millis(), 0, ""
		e.MemberID, e.OpenMemberID, e.Subject = "", nil, ""
		if err := save(tx, &e, part{}); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, access.System(e.AccountID), audit.Entry{Action: "privacy.erased", Object: "erasure", ObjectID: e.ID})
	})
}
