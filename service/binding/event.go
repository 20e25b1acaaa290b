package binding

import (
	"fmt"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/delivery"
	"liuke/service/inbound"
	"liuke/service/member"
	"liuke/wechat"
)

// EventTx takes follows, scans, menu taps and unfollows: it opens windows, binds members and greets them.
func (s *Service) EventTx(tx *database.Tx, batch []inbound.Received) error {
	for _, r := range batch {
		if model.ASCIIKey(r.Push.OpenID(), 64) == "" {
			continue
		}
		var err error
		switch b := r.Push.Body.(type) {
		case wechat.Subscribe:
			err = s.arrive(tx, r, b.Scene, true)
		case wechat.Scan:
			err = s.arrive(tx, r, b.Scene, false)
		case wechat.Click, wechat.MenuScan:
			err = s.tap(tx, r)
		case wechat.Unsubscribe:
			err = s.leave(tx, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// visit is one arrival being worked out.
type visit struct {
	account  model.Account
	actor    access.Actor
	person   member.Person
	received inbound.Received
	scene    string
	followed bool
	code     *model.Code
	outcome  string
	storeID  string // where the scan led
	clerkID  string
}

// arrive takes a follow (with or without a code) or a follower's scan.
func (s *Service) arrive(tx *database.Tx, r inbound.Received, scene string, followed bool) error {
	if scene != "" {
		if linked, err := s.linkTx(tx, r, scene); linked || err != nil {
			return err
		}
	}
	p, err := s.members.PersonTx(tx, r.AccountID, r.Push.OpenID())
	if err != nil || p.IsStaff() {
		return err
	}
	if _, err := s.members.FollowTx(tx, &p); err != nil {
		return err
	}
	if err := s.delivery.WindowTx(tx, p.Follower, model.WindowEvent, r.ReceivedAt); err != nil {
		return err
	}
	v := &visit{person: p, received: r, scene: scene, followed: followed, actor: access.System(r.AccountID)}
	if err := tx.First(&v.account, "id = ?", r.AccountID).Error; err != nil {
		return fmt.Errorf("read account: %w", err)
	}
	if scene != "" {
		if err := s.scan(tx, v); err != nil {
			return err
		}
	}
	if followed || v.outcome == model.ScanBound || v.outcome == model.ScanChanged {
		return s.greet(tx, v)
	}
	return nil
}

// tap opens the short window of a menu tap.
func (s *Service) tap(tx *database.Tx, r inbound.Received) error {
	p, err := s.members.PersonTx(tx, r.AccountID, r.Push.OpenID())
	if err != nil || p.IsStaff() {
		return err
	}
	return s.delivery.WindowTx(tx, p.Follower, model.WindowEvent, r.ReceivedAt)
}

// leave notes an unfollow: member and binding stay (A9), nothing can be sent.
func (s *Service) leave(tx *database.Tx, r inbound.Received) error {
	p, err := s.members.PersonTx(tx, r.AccountID, r.Push.OpenID())
	if err != nil {
		return err
	}
	if p.IsStaff() {
		return s.members.UnlinkStaffTx(tx, p.Follower.StaffID)
	}
	if _, err := s.members.UnfollowTx(tx, &p); err != nil {
		return err
	}
	return s.delivery.CloseTx(tx, p.Follower)
}

// DeliveredTx learns from a refused send that a follower has left.
func (s *Service) DeliveredTx(tx *database.Tx, d model.Delivery) error {
	if d.State != model.StateRefused || d.Reason != "unsubscribed" {
		return nil
	}
	return s.members.LostTx(tx, d.FollowerID)
}

// greet sends the greeting of the code, the store or the account, out of the scan's own allowance (A7).
func (s *Service) greet(tx *database.Tx, v *visit) error {
	text, store, clerk := v.account.Greeting, model.Store{}, model.Staff{}
	m := v.person.Member
	if m.StoreID != "" {
		if err := tx.Where("id = ?", m.StoreID).Limit(1).Find(&store).Error; err != nil {
			return fmt.Errorf("read store: %w", err)
		}
	}
	if m.ClerkID != "" {
		if err := tx.Select("id", "name").Where("id = ?", m.ClerkID).Limit(1).Find(&clerk).Error; err != nil {
			return fmt.Errorf("read clerk: %w", err)
		}
	}
	if store.Greeting != "" {
		text = store.Greeting
	}
	if v.code != nil && v.code.Greeting != "" {
		text = v.code.Greeting
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	_, err := s.delivery.EnqueueTx(tx, delivery.Order{
		Follower: v.person.Follower, ConversationID: v.person.Conversation.ID, Purpose: model.PurposeGreeting,
		SourceKind: "push", SourceID: v.received.ID, AuthorKind: model.BySystem, Kind: model.KindText,
		Content:   delivery.Content{Text: fill(text, m.Name, clerk.Name, store.Name, v.account.Name)},
		DedupeKey: "greeting/" + v.received.ID, ExpiresAt: v.received.ReceivedAt + model.EventWindow.Milliseconds(),
	})
	return err
}

// fill puts names into a greeting and keeps it within what WeChat takes.
func fill(text, memberName, clerkName, storeName, accountName string) string {
	text = model.FillFields(text, map[string]string{"member": memberName, "clerk": clerkName, "store": storeName, "account": accountName})
	return model.CutToBytes(text, model.MaxTextBytes)
}
