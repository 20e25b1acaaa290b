package member

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Reasons why a merge cannot be taken back.
const (
	undoTooLate  = "too_late"         // 30 days are over
	undoDone     = "already_undone"   //
	undoMerged   = "merged_again"     // the remaining member was merged himself, or the other is no longer merged into him
	undoFollower = "follower_changed" // the follower went elsewhere, or another one came
	undoIdentity = "identity_changed" // a phone or card that moved points elsewhere now
	undoOwner    = "owner_changed"    // the place he took over has changed since
	undoFile     = "file_changed"     // a field he took over has changed since
)

// Unmerge takes a merge back within 30 days: the identities return, bindings are closed and opened, no message is
// touched. What has changed since stands against it: then it is a Conflict cannot_undo with all the reasons.
func (s *Service) Unmerge(ctx context.Context, actor access.Actor, id string) (Merging, error) {
	if err := managesMerges(actor); err != nil {
		return Merging{}, err
	}
	var row model.Merge
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		u, err := s.undoing(tx, actor, id)
		if err != nil {
			return err
		}
		reasons, err := s.against(tx, u)
		if err != nil {
			return err
		}
		if len(reasons) > 0 {
			return fault.New(fault.Conflict, "cannot_undo").With("reasons", reasons)
		}
		if err := s.undo(tx, actor, u); err != nil {
			return err
		}
		row = u.row
		row.UndoneAt = tx.Millis()
		return s.audit.RecordTx(tx, actor, auditEntry("member.unmerge", u.into.ID, "from:"+u.from.ID))
	})
	if err != nil {
		return Merging{}, err
	}
	items, err := s.mergings(ctx, []model.Merge{row})
	if err != nil {
		return Merging{}, err
	}
	return items[0], nil
}

// undoing is a merge on its way back.
type undoing struct {
	row        model.Merge
	moved      moved
	from, into model.Member
}

func (s *Service) undoing(tx *database.Tx, actor access.Actor, id string) (undoing, error) {
	var u undoing
	notFound := fault.New(fault.NotFound, "merge_not_found")
	if !model.ValidID(id) {
		return u, notFound
	}
	err := tx.Lock().First(&u.row, "id = ? AND account_id = ?", id, actor.AccountID).Error
	if database.IsNotFound(err) {
		return u, notFound
	}
	if err != nil {
		return u, fmt.Errorf("find merge: %w", err)
	}
	if err := json.Unmarshal([]byte(u.row.Moved), &u.moved); err != nil {
		return u, fmt.Errorf("read merge: %w", err)
	}
	scope := actor.Members(tx.Millis())
	err = tx.Lock().Where(scope.SQL, scope.Args...).First(&u.into, "members.id = ?", u.row.IntoMemberID).Error
	if database.IsNotFound(err) {
		return u, notFound
	}
	if err != nil {
		return u, fmt.Errorf("lock remaining member: %w", err)
	}
	if err := tx.Lock().First(&u.from, "id = ?", u.row.FromMemberID).Error; err != nil {
		return u, fmt.Errorf("lock merged member: %w", err)
	}
	return u, nil
}

// against lists what stands against taking a merge back.
func (s *Service) against(tx *database.Tx, u undoing) ([]string, error) {
	reasons := []string{}
	add := func(ok bool, reason string) {
		if !ok {
			reasons = append(reasons, reason)
		}
	}
	add(u.row.UndoneAt == 0, undoDone)
	add(tx.Millis()-u.row.CreatedAt <= UndoMergeWithin.Milliseconds(), undoTooLate)
	add(u.into.MergedInto == "" && u.from.MergedInto == u.into.ID, undoMerged)
	var followers []string
	if err := tx.Model(&model.Follower{}).Where("member_id = ?", u.into.ID).Pluck("id", &followers).Error; err != nil {
		return nil, fmt.Errorf("find followers: %w", err)
	}
	for _, f := range u.moved.Followers {
		add(slices.Contains(followers, f), undoFollower)
	}
	for _, i := range u.moved.Identities {
		kind, value := splitIdentity(i)
		var n int64
		err := tx.Model(&model.Identity{}).
			Where("account_id = ? AND kind = ? AND value = ? AND member_id = ?", u.into.AccountID, kind, value, u.into.ID).Count(&n).Error
		if err != nil {
			return nil, fmt.Errorf("find identity: %w", err)
		}
		add(n == 1, undoIdentity)
	}
	add(!u.moved.Inherited || u.into.StoreID == u.moved.AfterStoreID && u.into.ClerkID == u.moved.AfterClerkID, undoOwner)
	for _, field := range u.moved.Took {
		same, err := s.sameField(u.from, u.into, field)
		if err != nil {
			return nil, err
		}
		add(same, undoFile)
	}
	slices.Sort(reasons)
	return slices.Compact(reasons), nil
}

func (s *Service) sameField(a, b model.Member, field string) (bool, error) {
	switch field {
	case "phone": // what was sealed once and copied may have been sealed anew since
		differs, err := s.phoneDiffers(a, b)
		return !differs, err
	case "card_no":
		return a.CardNo == b.CardNo, nil
	}
	return a.Name == b.Name, nil
}

func splitIdentity(s string) (kind, value string) {
	kind, value, _ = strings.Cut(s, ":")
	return kind, value
}

// undo gives everything back that the merge took along.
func (s *Service) undo(tx *database.Tx, actor access.Actor, u undoing) error {
	r := tx.Model(&model.Merge{}).Where("id = ? AND undone_at = 0", u.row.ID).Update("undone_at", tx.Millis())
	if r.Error != nil || r.RowsAffected != 1 {
		return fmt.Errorf("mark merge undone (%d rows): %w", r.RowsAffected, r.Error)
	}
	if u.moved.Inherited {
		if _, err := s.AssignTx(tx, actor, &u.into, Assign{StoreID: u.moved.BeforeStoreID, How: model.HowManual, SourceID: u.row.ID}); err != nil {
			return err
		}
	}
	if err := s.giveBack(tx, u); err != nil {
		return err
	}
	u.from.MergedInto = ""
	place, err := s.placeAgain(tx, u)
	if err != nil {
		return err
	}
	if _, err := s.AssignTx(tx, actor, &u.from, place); err != nil {
		return err
	}
	his, err := family(tx.DB, u.from.ID)
	if err != nil {
		return err
	}
	if err := profile(tx, []string{u.from.ID, u.into.ID}); err != nil {
		return err
	}
	for _, f := range s.unmerged {
		if err := f(tx, u.from, u.into, his); err != nil {
			return err
		}
	}
	s.notice(tx, "member", u.into, "")
	s.notice(tx, "member", u.from, "")
	return nil
}

// placeAgain is where the returning member belonged; a clerk who no longer serves that store leaves him to its queue.
func (s *Service) placeAgain(tx *database.Tx, u undoing) (Assign, error) {
	a := Assign{StoreID: u.moved.StoreID, ClerkID: u.moved.ClerkID, How: model.HowManual, SourceID: u.row.ID}
	if a.ClerkID == "" {
		return a, nil
	}
	var n int64
	err := tx.Model(&model.Staff{}).
		Where("id = ? AND account_id = ? AND store_id = ? AND active = ?", a.ClerkID, u.from.AccountID, a.StoreID, true).Count(&n).Error
	if err != nil {
		return a, fmt.Errorf("find clerk: %w", err)
	}
	if n == 0 {
		a.ClerkID = ""
	}
	return a, nil
}

// giveBack moves identities, follower and conversations back, and takes off what the file took over.
func (s *Service) giveBack(tx *database.Tx, u undoing) error {
	now := tx.Millis()
	for _, step := range []func() error{
		func() error {
			return tx.Model(&model.Member{}).Where("id = ? AND merged_into = ?", u.from.ID, u.into.ID).
				Updates(map[string]any{"merged_into": "", "updated_at": now}).Error
		},
		func() error {
			return tx.Model(&model.Follower{}).Where("id IN ? AND member_id = ?", u.moved.Followers, u.into.ID).
				Update("member_id", u.from.ID).Error
		},
		func() error {
			return tx.Model(&model.Conversation{}).Where("id IN ? AND member_id = ?", u.moved.Conversations, u.into.ID).
				Updates(map[string]any{"member_id": u.from.ID, "store_id": "", "clerk_id": ""}).Error
		},
		func() error { return s.unmergeTodosTx(tx, u.moved.Todos, u.from, u.into) },
		func() error { return s.clearTaken(tx, u) },
		func() error {
			return tx.Where("member_id = ? AND tag IN ?", u.into.ID, u.moved.Tags).Delete(&model.Tag{}).Error
		},
		func() error {
			if !u.moved.Family {
				return nil
			}
			return tx.Where("member_id = ?", u.into.ID).Delete(&model.Family{}).Error
		},
		func() error {
			if !u.moved.Class {
				return nil
			}
			return tx.Where("member_id = ?", u.into.ID).Delete(&model.Class{}).Error
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("take merge back: %w", err)
		}
	}
	for _, i := range u.moved.Identities {
		kind, value := splitIdentity(i)
		err := tx.Model(&model.Identity{}).
			Where("account_id = ? AND kind = ? AND value = ? AND member_id = ?", u.into.AccountID, kind, value, u.into.ID).
			Update("member_id", u.from.ID).Error
		if err != nil {
			return fmt.Errorf("give identity back: %w", err)
		}
	}
	return nil
}

// clearTaken empties the fields that the remaining file took over: it had none of its own.
func (s *Service) clearTaken(tx *database.Tx, u undoing) error {
	columns := map[string]any{}
	for _, field := range u.moved.Took {
		switch field {
		case "phone":
			columns["phone_sealed"], columns["phone_tail_hash"] = nil, ""
		case "card_no":
			columns["card_no"] = ""
		default:
			columns["name"], columns["initials"] = "", ""
		}
	}
	if len(columns) == 0 {
		return nil
	}
	columns["updated_at"] = tx.Millis()
	return tx.Model(&model.Member{}).Where("id = ?", u.into.ID).Updates(columns).Error
}
