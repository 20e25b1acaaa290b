package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/worker"
)

// lease is how long an import may be in one process's hands without a part done; after a crash another goes on.
const lease = 15 * time.Second

// errTakenAway says that the import was cancelled or another process has it.
var errTakenAway = errors.New("the import is no longer ours")

// work takes one running import after the other and works it off.
func (s *Service) work(ctx context.Context) error {
	for ctx.Err() == nil {
		row, found, err := s.claim(ctx)
		if err != nil || !found {
			return err
		}
		if err := s.finish(ctx, row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// claim takes an import that nobody works on.
func (s *Service) claim(ctx context.Context) (model.Import, bool, error) {
	var rows []model.Import
	now, above := worker.Lapsed(s.db.Now(), lease)
	free := "state = ? AND (lease_until < ? OR lease_until > ? OR owner = ?)"
	if err := s.db.Read(ctx).Where(free, model.ImportRunning, now, above, s.owner).Order("started_at").Limit(1).Find(&rows).Error; err != nil {
		return model.Import{}, false, fmt.Errorf("find imports to do: %w", err)
	}
	if len(rows) == 0 {
		return model.Import{}, false, nil
	}
	n, err := s.db.Exec(ctx, "UPDATE member_imports SET owner = ?, lease_until = ? WHERE id = ? AND "+free,
		s.owner, now+lease.Milliseconds(), rows[0].ID, model.ImportRunning, now, above, s.owner)
	if err != nil {
		return model.Import{}, false, fmt.Errorf("claim import: %w", err)
	}
	return rows[0], n == 1, nil
}

// finish works an import off from where it stands. What is wrong with the import itself ends it; what passes by itself
// is tried again by the loop.
func (s *Service) finish(ctx context.Context, row model.Import) error {
	actor, err := s.actorOf(ctx, row)
	for err == nil && row.Done < row.Total {
		err = s.part(ctx, actor, &row)
	}
	switch {
	case errors.Is(err, errTakenAway):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return s.end(ctx, row, model.ImportDone, "")
	case database.IsTransient(err) || database.IsDuplicate(err): // a phone taken meanwhile: the next look sees it
		return err
	}
	reason := "internal"
	if f := fault.Of(err); f != nil {
		reason = f.Reason
	}
	s.log.LogAttrs(ctx, slog.LevelError, "import failed", slog.String("import_id", row.ID), slog.String("error", database.Describe(err)))
	return s.end(ctx, row, model.ImportFailed, reason)
}

func (s *Service) end(ctx context.Context, row model.Import, state, reason string) error {
	_, err := s.db.Exec(ctx, "UPDATE member_imports SET state = ?, reason = ?, finished_at = ? WHERE id = ? AND state = ? AND owner = ?",
		state, reason, s.db.Now().UnixMilli(), row.ID, model.ImportRunning, s.owner)
	if err != nil {
		return fmt.Errorf("end import: %w", err)
	}
	return nil
}

// actorOf is who started the import, with the rights he has now: one who has left takes nothing more in.
func (s *Service) actorOf(ctx context.Context, row model.Import) (access.Actor, error) {
	var people []model.Staff
	if err := s.db.Read(ctx).Where("id = ? AND account_id = ? AND active = ?", row.ByID, row.AccountID, true).Find(&people).Error; err != nil {
		return access.Actor{}, fmt.Errorf("find who started the import: %w", err)
	}
	if len(people) == 0 || people[0].Role != model.RoleOwner && people[0].Role != model.RoleManager {
		return access.Actor{}, fault.New(fault.Forbidden, "rights_lost")
	}
	p := people[0]
	return access.Actor{
		Kind: model.ByStaff, AccountID: p.AccountID, StaffID: p.ID, Name: p.Name, Role: p.Role, StoreID: p.StoreID,
		RegionID: p.RegionID, RequestID: row.RequestID,
	}, nil
}

// part works some rows off: what comes of them, their refusals and the count stand or fall together.
func (s *Service) part(ctx context.Context, actor access.Actor, row *model.Import) error {
	var after model.Import
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		after = *row
		b, err := s.batch(tx, actor, &after)
		if err != nil {
			return err
		}
		if err := kindOf(row.Kind).takeIn(b); err != nil {
			return err
		}
		after.Done += int64(len(b.lines))
		if len(b.refusals) > 0 {
			if err := tx.Create(&b.refusals).Error; err != nil {
				return fmt.Errorf("keep refusals: %w", err)
			}
		}
		r := tx.Model(&model.Import{}).Where("id = ? AND state = ? AND owner = ? AND done = ?", row.ID, model.ImportRunning, s.owner, row.Done).
			Updates(map[string]any{
				"done": after.Done, "created": after.Created, "updated": after.Updated, "refused": after.Refused,
				"lease_until": tx.Millis() + lease.Milliseconds(),
			})
		if r.Error != nil {
			return fmt.Errorf("count rows done: %w", r.Error)
		}
		if r.RowsAffected != 1 {
			return errTakenAway
		}
		return nil
	})
	if err == nil {
		*row = after
	}
	return err
}
