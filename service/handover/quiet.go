package handover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/feed"
	"liuke/service/member"
)

// quietSQL are the first contacts of an account whose member nobody has contacted since before a time: no message that
// WeChat took, no result (E7). It wants account, kind and time.
const quietSQL = "todos.account_id = ? AND todos.kind = ? AND todos.done_at = 0 AND todos.contacted_at = 0 AND todos.assigned_at <= ? AND todos.staff_id <> ''"

// stillHis joins a to-do to its member, if he is still in the care of whoever has the to-do.
const stillHis = "JOIN members ON members.id = todos.member_id AND members.clerk_id = todos.staff_id AND members.merged_into = ''"

// quietBefore is the time since when a member must be without contact to be offered back; 0: the account wants none to be.
func (s *Service) quietBefore(db *gorm.DB, accountID string) (int64, error) {
	settings, err := dutyOf(db, accountID)
	if err != nil || settings.QuietDays == 0 {
		return 0, err
	}
	return s.db.Now().Add(-time.Duration(settings.QuietDays) * day).UnixMilli(), nil
}

// QuietMember is a member whom his new clerk has not contacted since a handover.
type QuietMember struct {
	TodoID     string
	MemberID   string
	MemberName string
	Level      string
	StoreID    string
	ClerkID    string
	ClerkName  string
	HandoverID string
	Since      int64 // since when he is this clerk's
	Snoozes    int64
}

// Quiet pages through the members in the actor's reach, of one store if it is named, whom nobody has contacted for longer
// than the account allows, the longest first.
func (s *Service) Quiet(ctx context.Context, actor access.Actor, storeID, cursor string, limit int) ([]QuietMember, string, error) {
	db := s.db.Read(ctx)
	before, err := s.quietBefore(db, actor.AccountID)
	if err != nil || before == 0 {
		return nil, "", err
	}
	visible := actor.Members(s.db.Now().UnixMilli())
	q := db.Table("todos").Select("todos.id AS todo_id, todos.member_id, members.name AS member_name, members.level, members.store_id, members.clerk_id,"+
		" staff.name AS clerk_name, todos.handover_id, todos.assigned_at AS since, todos.snoozes").
		Joins(stillHis).Joins("LEFT JOIN staff ON staff.id = todos.staff_id").
		Where(quietSQL, actor.AccountID, model.TodoFirstContact, before).Where(visible.SQL, visible.Args...)
	if storeID != "" {
		q = q.Where("members.store_id = ?", storeID)
	}
	if cursor != "" {
		at, id, ok := readCursor(cursor)
		if !ok {
			return nil, "", fault.Input("cursor", "unknown")
		}
		q = q.Where("(todos.assigned_at > ? OR todos.assigned_at = ? AND todos.id > ?)", at, at, id)
	}
	var rows []QuietMember
	if err := q.Order("todos.assigned_at, todos.id").Limit(limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list members without contact: %w", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		return rows, writeCursor(last.Since, last.TodoID), nil
	}
	return rows, "", nil
}

// What can be done about a member without contact.
const (
	GiveToClerk = "clerk" // to another clerk
	GiveToQueue = "queue" // to the queue of his store
	GiveKeep    = "keep"  // he stays, and the days are counted anew
)

// Give says what shall be done about members without contact.
type Give struct {
	TodoIDs []string
	To      string // Give…
	ClerkID string // with GiveToClerk
	DryRun  bool   // look only
}

// Given is what became of one of them: done, or why not.
type Given struct {
	TodoID string
	Reason string // empty: done; contacted, same_clerk, not_found
}

// GiveQuiet gives members on whom nobody has contacted, each for himself. A clerk who cannot get members is an Invalid
// clerk_id; whom the actor does not see, NotFound receiver_not_found.
func (s *Service) GiveQuiet(ctx context.Context, actor access.Actor, in Give) ([]Given, error) {
	switch {
	case len(in.TodoIDs) == 0 || len(in.TodoIDs) > model.MaxGiveAtOnce:
		return nil, fault.Input("todo_ids", "count")
	case in.To != GiveToClerk && in.ClerkID != "", in.To == GiveToClerk && in.ClerkID == "":
		return nil, fault.Input("clerk_id", "invalid")
	}
	out := make([]Given, len(in.TodoIDs))
	for i, id := range in.TodoIDs {
		out[i].TodoID = id
		err := s.db.InTx(ctx, func(tx *database.Tx) error {
			var to []*receiver
			if in.To == GiveToClerk {
				var err error
				if to, err = s.receivers(tx, actor, "", []string{in.ClerkID}, "clerk_id"); err != nil {
					return err
				}
			}
			var err error
			out[i].Reason, err = s.giveOne(tx, actor, id, in, to)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// giveOne does it for one member, if it still holds that nobody has contacted him.
func (s *Service) giveOne(tx *database.Tx, actor access.Actor, id string, in Give, to []*receiver) (string, error) {
	const gone = "not_found"
	before, err := s.quietBefore(tx.DB, actor.AccountID)
	if err != nil || !model.ValidID(id) {
		return gone, err
	}
	var m model.Member
	visible := actor.Members(tx.Millis())
	var members []string
	if err := tx.Model(&model.Todo{}).Where("id = ? AND account_id = ?", id, actor.AccountID).Pluck("member_id", &members).Error; err != nil {
		return "", fmt.Errorf("find to-do: %w", err)
	}
	if len(members) == 0 {
		return gone, nil
	}
	var talks []string // locked before the member, as everywhere
	if err := tx.Lock().Model(&model.Conversation{}).Where("member_id = ?", members[0]).Order("id").Pluck("id", &talks).Error; err != nil {
		return "", fmt.Errorf("lock conversations: %w", err)
	}
	err = tx.Lock().Where(visible.SQL, visible.Args...).First(&m, "members.id = ? AND members.merged_into = ''", members[0]).Error
	if database.IsNotFound(err) {
		return gone, nil
	}
	if err != nil {
		return "", fmt.Errorf("lock member: %w", err)
	}
	var still []model.Todo
	err = tx.Lock().Where("todos.id = ? AND todos.staff_id = ?", id, m.ClerkID).
		Where(quietSQL, actor.AccountID, model.TodoFirstContact, before).Find(&still).Error
	if err != nil {
		return "", fmt.Errorf("find to-do: %w", err)
	}
	switch {
	case len(still) == 0:
		return "contacted", nil
	case len(to) > 0 && to[0].id == m.ClerkID:
		return "same_clerk", nil
	case in.DryRun:
		return "", nil
	}
	return "", s.pass(tx, actor, still[0], &m, in.To, to)
}

func (s *Service) pass(tx *database.Tx, actor access.Actor, t model.Todo, m *model.Member, where string, to []*receiver) error {
	switch where {
	case GiveKeep:
		r := tx.Model(&model.Todo{}).Where("id = ? AND staff_id = ? AND done_at = 0", t.ID, t.StaffID).
			Updates(map[string]any{"assigned_at": tx.Millis(), "neglected_at": 0})
		if r.Error != nil || r.RowsAffected != 1 {
			return fmt.Errorf("count the days anew (%d rows): %w", r.RowsAffected, r.Error)
		}
		s.tellTodo(tx, t, m.StoreID)
	default:
		place := member.Assign{StoreID: m.StoreID, How: model.HowManual, SourceID: t.ID}
		if len(to) > 0 {
			place.StoreID, place.ClerkID = to[0].storeID, to[0].id
		}
		if _, err := s.members.AssignTx(tx, actor, m, place); err != nil {
			return err
		}
	}
	return s.audit.RecordTx(tx, actor, audit.Entry{Action: "quiet." + where, Object: "todo", ObjectID: t.ID, MemberID: t.MemberID})
}

// The loop that finds members without contact.
const (
	quietLease = "handover.quiet"
	quietEvery = time.Minute
	quietBatch = 100
)

// KeepQuiet marks, once each, the members who have become without contact and tells their stores; where the account
// wants it, it gives them to the queues of their stores. A loop calls it; what another instance did is left alone.
func (s *Service) KeepQuiet(ctx context.Context) error {
	var accounts []string
	if err := s.db.Read(ctx).Model(&model.Account{}).Order("id").Pluck("id", &accounts).Error; err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	var all error
	for _, id := range accounts {
		all = errors.Join(all, s.keepQuiet(ctx, id))
	}
	return all
}

func (s *Service) keepQuiet(ctx context.Context, accountID string) error {
	settings, err := dutyOf(s.db.Read(ctx), accountID)
	if err != nil || settings.QuietDays == 0 {
		return err
	}
	if err := s.markQuiet(ctx, accountID); err != nil || !settings.ToQueue {
		return err
	}
	before, err := s.quietBefore(s.db.Read(ctx), accountID)
	if err != nil {
		return err
	}
	after := ""
	for {
		var ids []string
		err := s.db.Read(ctx).Table("todos").Joins(stillHis).Where(quietSQL, accountID, model.TodoFirstContact, before).
			Where("todos.id > ?", after).Order("todos.id").Limit(quietBatch).Pluck("todos.id", &ids).Error
		if err != nil {
			return fmt.Errorf("find members without contact: %w", err)
		}
		for _, id := range ids {
			err := s.db.InTx(ctx, func(tx *database.Tx) error {
				_, err := s.giveOne(tx, access.System(accountID), id, Give{To: GiveToQueue}, nil)
				return err
			})
			if err != nil && !changedMeanwhile(err) {
				return err
			}
			after = id
		}
		if len(ids) < quietBatch {
			return nil
		}
	}
}

func changedMeanwhile(err error) bool {
	f := fault.Of(err)
	return f != nil && f.Kind == fault.Conflict
}

// markQuiet notes the time once per to-do, by one statement, and tells the stores whose list has grown.
func (s *Service) markQuiet(ctx context.Context, accountID string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		before, err := s.quietBefore(tx.DB, accountID)
		if err != nil {
			return err
		}
		r := tx.Exec("UPDATE todos SET neglected_at = ? WHERE neglected_at = 0 AND "+quietSQL,
			tx.Millis(), accountID, model.TodoFirstContact, before)
		if r.Error != nil {
			return fmt.Errorf("mark members without contact: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			return nil
		}
		var stores []string
		err = tx.Table("todos").Joins(stillHis).Where(quietSQL, accountID, model.TodoFirstContact, before).
			Where("todos.neglected_at = ?", tx.Millis()).Distinct().Pluck("members.store_id", &stores).Error
		if err != nil {
			return fmt.Errorf("find the stores of members without contact: %w", err)
		}
		for _, store := range stores {
			s.feed.PublishTx(tx, feed.Event{AccountID: accountID, Kind: "todo"}, feed.Store(store))
		}
		return nil
	})
}
