package binding

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
	"liuke/service/member"
)

// scan looks up what the scene stands for now, acts on it and records it, whatever came of it.
func (s *Service) scan(tx *database.Tx, v *visit) error {
	var codes []model.Code
	if key := model.ASCIIKey(v.scene, 64); key != "" {
		if err := tx.Where("account_id = ? AND scene = ?", v.received.AccountID, key).Find(&codes).Error; err != nil {
			return fmt.Errorf("look up scene: %w", err)
		}
	}
	v.outcome = model.ScanUnknown
	if len(codes) == 1 {
		v.code = &codes[0]
		var err error
		switch v.code.Kind {
		case model.CodeMember:
			err = s.scanMember(tx, v)
		case model.CodeClerk:
			err = s.scanClerk(tx, v, v.code.ClerkID, v.code.StoreID)
		default:
			err = s.scanStore(tx, v, v.code.StoreID)
		}
		if err != nil {
			return err
		}
	}
	row := model.Scan{
		ID: model.NewID(), AccountID: v.received.AccountID, Scene: model.ASCIIKey(v.scene, 64), FollowerID: v.person.Follower.ID,
		MemberID: v.person.Member.ID, StoreID: v.storeID, ClerkID: v.clerkID, Outcome: v.outcome, Followed: v.followed,
		At: v.received.ReceivedAt,
	}
	if v.code != nil {
		row.CodeID = v.code.ID
	}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("record scan: %w", err)
	}
	return nil
}

// scanClerk leads to a clerk. In place of one who left, those his handover named serve (E12); nobody, or a clerk who has
// given notice and a member who is not his (E5): his store.
func (s *Service) scanClerk(tx *database.Tx, v *visit, clerkID, storeID string) error {
	var clerks []model.Staff
	if err := tx.Where("id = ? AND account_id = ? AND active = ?", clerkID, v.received.AccountID, true).Find(&clerks).Error; err != nil {
		return fmt.Errorf("find clerk of code: %w", err)
	}
	if len(clerks) == 0 {
		next, err := s.members.SuccessorTx(tx, v.received.AccountID, clerkID, v.person.Member.ClerkID)
		if err != nil {
			return err
		}
		if next.ID == "" {
			return s.scanStore(tx, v, storeID)
		}
		return s.aim(tx, v, next.ID, next.StoreID)
	}
	if clerks[0].LeavingAt > 0 && v.person.Member.ClerkID != clerkID {
		return s.scanStore(tx, v, clerks[0].StoreID)
	}
	return s.aim(tx, v, clerks[0].ID, clerks[0].StoreID)
}

// scanStore leads to a present clerk of the store in turn, or to the store's queue (A5). Who has a clerk in this store
// already keeps him.
func (s *Service) scanStore(tx *database.Tx, v *visit, storeID string) error {
	m := &v.person.Member
	v.storeID = storeID
	if storeID == "" {
		v.outcome = model.ScanNoTarget
		return nil
	}
	if m.ClerkID != "" && m.StoreID == storeID {
		v.outcome, v.clerkID = model.ScanKept, m.ClerkID
		return nil
	}
	clerkID, err := s.staff.NextOnDutyTx(tx, v.received.AccountID, storeID, tx.Millis())
	if err != nil {
		return err
	}
	if clerkID != "" {
		return s.aim(tx, v, clerkID, storeID)
	}
	if m.ClerkID != "" {
		v.outcome = model.ScanKept
		return nil
	}
	v.outcome = model.ScanQueued
	_, err = s.members.AssignTx(tx, v.actor, m, member.Assign{StoreID: storeID, How: model.HowScan, SourceID: v.code.ID})
	return err
}

// aim binds the member to a clerk if he has none; otherwise the rule for second scans decides.
func (s *Service) aim(tx *database.Tx, v *visit, clerkID, storeID string) error {
	m := &v.person.Member
	v.clerkID, v.storeID = clerkID, storeID
	to := member.Assign{StoreID: storeID, ClerkID: clerkID, How: model.HowScan, SourceID: v.code.ID}
	if m.ClerkID == clerkID {
		v.outcome = model.ScanKept
		return nil
	}
	if m.ClerkID == "" {
		v.outcome = model.ScanBound
		_, err := s.members.AssignTx(tx, v.actor, m, to)
		return err
	}
	return s.second(tx, v, to)
}

// second applies the account's rule for a member who has a clerk and scans another one's code (A6).
func (s *Service) second(tx *database.Tx, v *visit, to member.Assign) error {
	m := &v.person.Member
	switch v.account.SecondScan {
	case model.SecondScanChange:
		v.outcome = model.ScanChanged
		_, err := s.members.AssignTx(tx, v.actor, m, to)
		return err
	case model.SecondScanAsk:
		v.outcome = model.ScanAsked
		return s.report(tx, v, model.BindingRequest{
			Kind: model.RequestSecondScan, MemberID: m.ID, StoreID: m.StoreID, FromClerkID: m.ClerkID,
			ToClerkID: to.ClerkID, ToStoreID: to.StoreID,
		})
	}
	v.outcome = model.ScanGuest
	until, err := member.EndOfDayTx(tx, to.StoreID)
	if err != nil {
		return err
	}
	return s.members.GrantTx(tx, *m, to.ClerkID, model.AccessGuest, v.code.ID, until)
}

// scanMember ties a known member's record to the follower who scanned his code (A2). Somebody else's scan binds nobody
// and is reported (A10). A member who has a clerk keeps him: the code only says who he is.
func (s *Service) scanMember(tx *database.Tx, v *visit) error {
	v.storeID, v.clerkID = v.code.StoreID, v.code.ClerkID
	var m model.Member
	id := v.code.MemberID
	for range 10 { // he may have been merged since; bounded for the sake of broken data
		if err := tx.Lock().First(&m, "id = ?", id).Error; err != nil {
			return fmt.Errorf("lock member of code: %w", err)
		}
		if m.MergedInto == "" {
			break
		}
		id = m.MergedInto
	}
	var owners []model.Follower
	if err := tx.Where("member_id = ?", m.ID).Find(&owners).Error; err != nil {
		return fmt.Errorf("find follower of member: %w", err)
	}
	same := len(owners) > 0 && owners[0].ID == v.person.Follower.ID
	switch {
	case len(owners) > 0 && !same:
		v.outcome = model.ScanStolen
		return s.reportAstray(tx, v, model.RequestStolenCode, m)
	case v.code.State == model.CodeUsed:
		v.outcome = model.ScanUsed
		return nil
	case v.code.ExpiresAt > 0 && v.code.ExpiresAt <= tx.Millis():
		v.outcome = model.ScanExpired
		return nil
	case !same && v.person.Member.Kind != model.MemberProspect:
		v.outcome = model.ScanOther
		return s.reportAstray(tx, v, model.RequestOtherMember, m)
	}
	r := tx.Model(&model.Code{}).Where("id = ? AND state = ?", v.code.ID, model.CodeReady).
		Updates(map[string]any{"state": model.CodeUsed, "used_at": tx.Millis(), "used_by": v.person.Follower.ID})
	if r.Error != nil {
		return fmt.Errorf("use up code: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		v.outcome = model.ScanUsed
		return nil
	}
	if !same {
		prospect := v.person.Member
		if err := s.members.MergeTx(tx, v.actor, &prospect, &m, model.HowScan, v.code.ID); err != nil {
			return err
		}
		v.person.Follower.MemberID = m.ID
	}
	v.person.Member = m
	if m.ClerkID != "" {
		v.outcome, v.clerkID, v.storeID = model.ScanBound, m.ClerkID, m.StoreID
		if same {
			v.outcome = model.ScanKept
		}
		return nil
	}
	if v.code.ClerkID != "" {
		return s.scanClerk(tx, v, v.code.ClerkID, v.code.StoreID)
	}
	return s.scanStore(tx, v, m.StoreID)
}

// reportAstray tells the manager that a member's code was scanned by somebody else.
func (s *Service) reportAstray(tx *database.Tx, v *visit, kind string, m model.Member) error {
	store := m.StoreID
	if store == "" {
		store = v.code.StoreID
	}
	return s.report(tx, v, model.BindingRequest{Kind: kind, MemberID: m.ID, StoreID: store, FromClerkID: m.ClerkID})
}

// report makes an entry for the manager, once for the same thing while it is open.
func (s *Service) report(tx *database.Tx, v *visit, q model.BindingRequest) error {
	var n int64
	err := tx.Model(&model.BindingRequest{}).
		Where("account_id = ? AND state = ? AND kind = ? AND member_id = ? AND follower_id = ? AND to_clerk_id = ?",
			v.received.AccountID, model.RequestOpen, q.Kind, q.MemberID, v.person.Follower.ID, q.ToClerkID).Count(&n).Error
	if err != nil {
		return fmt.Errorf("look for the same entry: %w", err)
	}
	if n > 0 {
		return nil
	}
	q.ID, q.AccountID, q.State, q.CreatedAt = model.NewID(), v.received.AccountID, model.RequestOpen, tx.Millis()
	q.FollowerID, q.CodeID = v.person.Follower.ID, v.code.ID
	if err := tx.Create(&q).Error; err != nil {
		return fmt.Errorf("make entry for the manager: %w", err)
	}
	s.feed.PublishTx(tx, feed.Event{AccountID: q.AccountID, Kind: "binding_request", Data: map[string]string{"binding_request_id": q.ID}},
		feed.Store(q.StoreID), feed.Store(q.ToStoreID))
	return nil
}
