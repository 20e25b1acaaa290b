package handover

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/delivery"
	"liuke/service/fault"
	"liuke/service/feed"
)

// said is what makes a message one that a clerk has written to a member: it reached him, or may. An introduction that
// still waits for the member's next message goes back with the member.
const said = "state NOT IN ('refused', 'withdrawn') AND NOT (state = 'pending' AND EXISTS (SELECT 1 FROM introductions WHERE introductions.message_id = messages.id))"

// Draft is an introduction that is not written yet, or what became of it.
type Draft struct {
	Text           string // with everything filled in, to be read and changed
	ConversationID string // empty: there is no way to write to the member
	Introduction   model.Introduction
}

// introducing is what an introduction is about.
type introducing struct {
	handover model.Handover
	member   model.Member
	earlier  string // name of the clerk before
}

// introduce finds a member whom the actor received by a handover and still has.
func introduce(db *gorm.DB, actor access.Actor, handoverID, memberID string) (introducing, error) {
	var i introducing
	none := fault.New(fault.NotFound, "member_not_found")
	if !model.ValidID(handoverID) || !model.ValidID(memberID) {
		return i, none
	}
	err := db.Joins("JOIN handover_moves ON handover_moves.member_id = members.id AND handover_moves.handover_id = ? AND handover_moves.result = ''", handoverID).
		First(&i.member, "members.id = ? AND members.account_id = ? AND members.clerk_id = ? AND members.merged_into = ''", memberID, actor.AccountID, actor.StaffID).Error
	if database.IsNotFound(err) {
		return i, none
	}
	if err != nil {
		return i, fmt.Errorf("find a received member: %w", err)
	}
	err = db.First(&i.handover, "id = ? AND account_id = ? AND state = ?", handoverID, actor.AccountID, model.HandoverDone).Error
	if database.IsNotFound(err) {
		return i, none
	}
	if err != nil {
		return i, fmt.Errorf("find the handover of a member: %w", err)
	}
	var names []string
	if err := db.Model(&model.Staff{}).Where("id = ?", i.handover.FromClerkID).Pluck("name", &names).Error; err != nil {
		return i, fmt.Errorf("find the name of the clerk before: %w", err)
	}
	i.earlier = strings.Join(names, "")
	return i, nil
}

// DraftIntroduction fills the account's introduction in for a member whom the actor received by a handover.
func (s *Service) DraftIntroduction(ctx context.Context, actor access.Actor, handoverID, memberID string) (Draft, error) {
	db := s.db.Read(ctx)
	i, err := introduce(db, actor, handoverID, memberID)
	if err != nil {
		return Draft{}, err
	}
	settings, err := dutyOf(db, actor.AccountID)
	if err != nil {
		return Draft{}, err
	}
	var store, account []string
	if err := db.Model(&model.Store{}).Where("id = ?", i.member.StoreID).Pluck("name", &store).Error; err != nil {
		return Draft{}, fmt.Errorf("find name of store: %w", err)
	}
	if err := db.Model(&model.Account{}).Where("id = ?", actor.AccountID).Pluck("name", &account).Error; err != nil {
		return Draft{}, fmt.Errorf("find name of account: %w", err)
	}
	text := model.FillFields(settings.Introduction, map[string]string{
		"member": i.member.Name, "clerk": actor.Name, "store": strings.Join(store, ""), "earlier": i.earlier, "account": strings.Join(account, ""),
	})
	one := []Todo{{Todo: model.Todo{HandoverID: handoverID, MemberID: memberID}}}
	if err := beside(db, one); err != nil {
		return Draft{}, err
	}
	return Draft{Text: model.CutToBytes(text, model.MaxTextBytes), ConversationID: one[0].ConversationID, Introduction: one[0].Introduction}, nil
}

// Introduce sends the introduction, as its text now stands, under the rules of the allowance: without one it is pending.
// There is one per member and handover: a second call gives the first again, unless that was refused or withdrawn. A
// member who cannot be written to is a Conflict no_conversation.
func (s *Service) Introduce(ctx context.Context, actor access.Actor, handoverID, memberID, text string) (model.Introduction, error) {
	var out model.Introduction
	if _, err := introduce(s.db.Read(ctx), actor, handoverID, memberID); err != nil {
		return out, err
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return out, fault.Input("text", "empty")
	case len(text) > model.MaxTextBytes:
		return out, fault.Input("text", "too_long")
	case !utf8.ValidString(text):
		return out, fault.Input("text", "invalid")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var talks []model.Conversation
		err := tx.Lock().Where("account_id = ? AND member_id = ?", actor.AccountID, memberID).Order("id").Find(&talks).Error
		if err != nil {
			return fmt.Errorf("lock conversations: %w", err)
		}
		i, err := introduce(tx.DB, actor, handoverID, memberID)
		if err != nil {
			return err
		}
		if len(talks) == 0 {
			return fault.New(fault.Conflict, "no_conversation")
		}
		latest := talks[0]
		for _, c := range talks {
			if c.LastAt >= latest.LastAt {
				latest = c
			}
		}
		out, err = s.introduceTx(tx, actor, i, latest, text)
		return err
	})
	return out, err
}

func (s *Service) introduceTx(tx *database.Tx, actor access.Actor, i introducing, c model.Conversation, text string) (model.Introduction, error) {
	row := model.Introduction{
		HandoverID: i.handover.ID, MemberID: i.member.ID, AccountID: actor.AccountID, CreatedAt: tx.Millis(),
	}
	var before []model.Introduction
	if err := tx.Lock().Where("handover_id = ? AND member_id = ?", row.HandoverID, row.MemberID).Find(&before).Error; err != nil {
		return row, fmt.Errorf("find the introduction: %w", err)
	}
	if len(before) == 1 {
		if row = before[0]; !row.Gone() {
			return row, nil
		}
		if err := tx.Where("handover_id = ? AND member_id = ?", row.HandoverID, row.MemberID).Delete(&model.Introduction{}).Error; err != nil {
			return row, fmt.Errorf("replace the introduction: %w", err)
		}
	}
	var f model.Follower
	if err := tx.First(&f, "id = ?", c.FollowerID).Error; err != nil {
		return row, fmt.Errorf("find follower: %w", err)
	}
	row.Tries++
	d, err := s.delivery.EnqueueTx(tx, delivery.Order{
		Follower: f, ConversationID: c.ID, Purpose: model.PurposeIntroduction, SourceKind: "handover", SourceID: i.handover.ID,
		AuthorKind: model.ByStaff, AuthorID: actor.StaffID, Kind: model.KindText, Content: delivery.Content{Text: text},
		DedupeKey: "introduction/" + i.handover.ID + "/" + i.member.ID + "/" + strconv.FormatInt(row.Tries, 10),
	})
	if err != nil {
		return row, err
	}
	row.StaffID, row.ConversationID, row.MessageID = actor.StaffID, c.ID, d.MessageID
	row.State, row.Reason, row.UpdatedAt = d.State, d.Reason, tx.Millis()
	if err := tx.Create(&row).Error; err != nil {
		return row, fmt.Errorf("note the introduction: %w", err)
	}
	s.tellIntroduction(tx, row, actor.StoreID)
	return row, s.audit.RecordTx(tx, actor, audit.Entry{
		Action: "introduction.send", Object: "handover", ObjectID: row.HandoverID, MemberID: row.MemberID,
	})
}

func (s *Service) tellIntroduction(tx *database.Tx, i model.Introduction, storeID string) {
	s.feed.PublishTx(tx, feed.Event{
		AccountID: i.AccountID, Kind: "todo", MemberID: i.MemberID, Data: map[string]string{"handover_id": i.HandoverID},
	}, feed.Staff(i.StaffID), feed.Store(storeID))
}

// DeliveredTx keeps the state of introductions, and notes that a member who is owed a first contact was written to by
// his clerk, or by somebody in his place. A message counts once WeChat took it.
func (s *Service) DeliveredTx(tx *database.Tx, d model.Delivery) error {
	if d.Purpose == model.PurposeIntroduction {
		if err := s.followIntroduction(tx, d); err != nil {
			return err
		}
	}
	if d.State != model.StateAccepted || d.AuthorKind != model.ByStaff || d.ConversationID == "" {
		return nil
	}
	err := tx.Exec("UPDATE todos SET contacted_at = ?, neglected_at = 0"+
		" WHERE member_id = (SELECT conversations.member_id FROM conversations WHERE conversations.id = ?)"+
		" AND staff_id IN ? AND done_at = 0 AND contacted_at = 0",
		tx.Millis(), d.ConversationID, []string{d.AuthorID, d.OnBehalfOf}).Error
	if err != nil {
		return fmt.Errorf("note a contact: %w", err)
	}
	return nil
}

func (s *Service) followIntroduction(tx *database.Tx, d model.Delivery) error {
	var rows []model.Introduction
	if err := tx.Where("message_id = ?", d.MessageID).Find(&rows).Error; err != nil {
		return fmt.Errorf("find the introduction of a message: %w", err)
	}
	for _, i := range rows {
		err := tx.Model(&model.Introduction{}).Where("handover_id = ? AND member_id = ? AND message_id = ?", i.HandoverID, i.MemberID, i.MessageID).
			Updates(map[string]any{"state": d.State, "reason": d.Reason, "updated_at": tx.Millis()}).Error
		if err != nil {
			return fmt.Errorf("follow an introduction: %w", err)
		}
		var stores []string
		if err := tx.Model(&model.Member{}).Where("id = ?", i.MemberID).Pluck("store_id", &stores).Error; err != nil {
			return fmt.Errorf("find the store of a member: %w", err)
		}
		s.tellIntroduction(tx, i, strings.Join(stores, ""))
	}
	return nil
}

// unintroduce takes back the introductions that wait, of members who go back to their clerk.
func (s *Service) unintroduce(tx *database.Tx, h model.Handover) error {
	var messages []string
	err := tx.Model(&model.Introduction{}).
		Joins("JOIN handover_moves ON handover_moves.handover_id = introductions.handover_id AND handover_moves.member_id = introductions.member_id AND handover_moves.result = ''").
		Where("introductions.handover_id = ? AND introductions.state = ?", h.ID, model.StatePending).Order("introductions.member_id").
		Pluck("introductions.message_id", &messages).Error
	if err != nil {
		return fmt.Errorf("find introductions that wait: %w", err)
	}
	for _, id := range messages {
		if err := s.delivery.WithdrawTx(tx, id); err != nil {
			return err
		}
	}
	return nil
}
