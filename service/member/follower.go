package member

import (
	"context"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// Person is a follower with the member behind him and the conversation between him and the account.
type Person struct {
	Follower     model.Follower
	Member       model.Member
	Conversation model.Conversation
	// Fresh says that he was not known before.
	Fresh bool
}

// PersonTx finds the person behind an openid and locks his member and conversation rows. An unknown one becomes a
// prospect without store or clerk, with an empty conversation (B16). Of the chain's own staff it gives the follower
// alone: see IsStaff. Rows are locked in this order everywhere: member, conversation, allowance, delivery, streams.
func (s *Service) PersonTx(tx *database.Tx, accountID, openID string) (Person, error) {
	var p Person
	var found []model.Follower
	if err := tx.Where("account_id = ? AND openid = ?", accountID, openID).Limit(1).Find(&found).Error; err != nil {
		return p, fmt.Errorf("find follower: %w", err)
	}
	if len(found) == 0 {
		return s.meet(tx, accountID, openID)
	}
	p.Follower = found[0]
	if p.IsStaff() {
		return p, nil
	}
	if err := tx.Lock().First(&p.Member, "id = ?", p.Follower.MemberID).Error; err != nil {
		return p, fmt.Errorf("lock member: %w", err)
	}
	if p.Member.MergedInto == model.Erased { // while we waited for the row: whoever comes now is somebody new
		return s.meet(tx, accountID, openID)
	}
	talks, err := s.LockConversationsTx(tx, []string{p.Follower.ID})
	if err != nil {
		return p, err
	}
	p.Conversation = talks[0]
	return p, nil
}

// LockConversationsTx locks the conversations of followers, each of whom has one, in the order of their ids. They are locked
// by their own key: TiDB holds a row that it finds by another unique key by that one first, while a change of the row takes it
// last, and each would wait for the other.
func (s *Service) LockConversationsTx(tx *database.Tx, followers []string) ([]model.Conversation, error) {
	var ids []string
	if err := tx.Model(&model.Conversation{}).Where("follower_id IN ?", followers).Pluck("id", &ids).Error; err != nil {
		return nil, fmt.Errorf("find conversations: %w", err)
	}
	slices.Sort(ids)
	var rows []model.Conversation
	if err := tx.Lock().Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock conversations: %w", err)
	}
	if len(rows) != len(followers) {
		return nil, fmt.Errorf("found %d of %d conversations", len(rows), len(followers))
	}
	return rows, nil
}

// meet writes down a person seen for the first time.
func (s *Service) meet(tx *database.Tx, accountID, openID string) (Person, error) {
	now := tx.Millis()
	p := Person{Fresh: true}
	p.Member = model.Member{
		ID: model.NewID(), AccountID: accountID, Kind: model.MemberProspect, CreatedAt: now, UpdatedAt: now,
	}
	p.Follower = model.Follower{
		ID: model.NewID(), AccountID: accountID, OpenID: openID, Kind: model.FollowerMember,
		MemberID: p.Member.ID, CreatedAt: now,
	}
	p.Conversation = model.Conversation{
		ID: model.NewID(), AccountID: accountID, FollowerID: p.Follower.ID, MemberID: p.Member.ID,
		LastAt: now, RankAt: model.Rank(0, now), CreatedAt: now,
	}
	for _, row := range []any{&p.Member, &p.Follower, &p.Conversation} {
		if err := tx.Create(row).Error; err != nil {
			return p, fmt.Errorf("write down a new person: %w", err)
		}
	}
	return p, s.tellNew(tx, p.Member)
}

// FollowTx notes that the person follows the account (again). It reports whether that is news.
func (s *Service) FollowTx(tx *database.Tx, p *Person) (bool, error) {
	return s.setSubscribed(tx, p, true)
}

// UnfollowTx notes that the person no longer follows: member and binding stay as they are (A9).
func (s *Service) UnfollowTx(tx *database.Tx, p *Person) (bool, error) {
	return s.setSubscribed(tx, p, false)
}

func (s *Service) setSubscribed(tx *database.Tx, p *Person, subscribed bool) (bool, error) {
	if p.Follower.Subscribed == subscribed {
		return false, nil
	}
	column := "unsubscribed_at"
	if subscribed {
		column = "subscribed_at"
	}
	r := tx.Model(&model.Follower{}).Where("id = ? AND subscribed = ?", p.Follower.ID, !subscribed).
		Updates(map[string]any{"subscribed": subscribed, column: tx.Millis()})
	if r.Error != nil {
		return false, fmt.Errorf("note whether he follows: %w", r.Error)
	}
	p.Follower.Subscribed = subscribed
	s.notice(tx, "member", p.Member, p.Conversation.ID)
	return r.RowsAffected == 1, nil
}

// OpenID tells the openid of a follower, for a send.
func (s *Service) OpenID(ctx context.Context, followerID string) (openID string, subscribed bool, err error) {
	var f model.Follower
	if err := s.db.Read(ctx).First(&f, "id = ?", followerID).Error; err != nil {
		return "", false, fmt.Errorf("find follower: %w", err)
	}
	return f.OpenID, f.Subscribed, nil
}

// LostTx notes that WeChat said the follower is gone; pushes of his unfollow may be late or lost.
func (s *Service) LostTx(tx *database.Tx, followerID string) error {
	var f model.Follower
	if err := tx.First(&f, "id = ?", followerID).Error; err != nil {
		return fmt.Errorf("find follower: %w", err)
	}
	if f.Kind == model.FollowerErased {
		return nil
	}
	p, err := s.PersonTx(tx, f.AccountID, f.OpenID)
	if err != nil || p.IsStaff() {
		return err
	}
	_, err = s.UnfollowTx(tx, &p)
	return err
}
