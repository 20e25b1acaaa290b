package consent

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
)

// Page is what a member sees of himself: nothing that tells whoever got hold of the link who he is.
type Page struct {
	Account string            // the name of the account
	Allows  bool              // he may allow what he did not; a link from a letter lets him only switch off
	States  map[string]string // by purpose; "": he never said
}

// mergesMost bounds how many merges are followed from a link that is older than they are.
const mergesMost = 8

// holder opens a link and finds the member whose page it is today.
func (s *Service) holder(ctx context.Context, appID, token string) (accountID, memberID string, allows bool, err error) {
	account, err := s.accounts.ByAppID(ctx, appID)
	if err != nil {
		return "", "", false, err
	}
	kind, memberID, err := s.read(account.AccountID, token, s.db.Now())
	if err != nil {
		return "", "", false, err
	}
	for range mergesMost {
		var m model.Member
		err := s.db.Read(ctx).Select("id", "merged_into").First(&m, "id = ? AND account_id = ?", memberID, account.AccountID).Error
		if database.IsNotFound(err) {
			break
		}
		if err != nil {
			return "", "", false, fmt.Errorf("find a member: %w", err)
		}
		if m.MergedInto == "" {
			return account.AccountID, m.ID, kind == bySignIn, nil
		}
		memberID = m.MergedInto
	}
	return "", "", false, fault.New(fault.NotFound, "link_unknown")
}

// Open shows a member's page by its link.
func (s *Service) Open(ctx context.Context, appID, token string) (Page, error) {
	p := Page{States: map[string]string{}}
	accountID, memberID, allows, err := s.holder(ctx, appID, token)
	if err != nil {
		return p, err
	}
	p.Allows = allows
	var a model.Account
	if err := s.db.Read(ctx).Select("name").First(&a, "id = ?", accountID).Error; err != nil {
		return p, fmt.Errorf("find an account: %w", err)
	}
	p.Account = a.Name
	var rows []model.Consent
	if err := s.db.Read(ctx).Where("member_id = ?", memberID).Find(&rows).Error; err != nil {
		return p, fmt.Errorf("read consents: %w", err)
	}
	for _, r := range rows {
		p.States[r.Purpose] = r.State
	}
	return p, nil
}

// Choose writes down what a member says on his page. What he says already is not written down again. Forbidden not_allowed:
// he came by a letter, and wants to allow something.
func (s *Service) Choose(ctx context.Context, appID, token string, words []Word) error {
	accountID, memberID, allows, err := s.holder(ctx, appID, token)
	if err != nil {
		return err
	}
	for _, w := range words {
		if err := w.check(); err != nil {
			return err
		}
		if w.State == model.ConsentGiven && !allows {
			return fault.New(fault.Forbidden, "not_allowed")
		}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var m model.Member
		if err := tx.Lock().Select("id").First(&m, "id = ?", memberID).Error; err != nil {
			return fmt.Errorf("hold a member: %w", err)
		}
		var rows []model.Consent
		if err := tx.Where("member_id = ?", memberID).Find(&rows).Error; err != nil {
			return fmt.Errorf("read consents: %w", err)
		}
		says := map[string]string{}
		for _, r := range rows {
			says[r.Purpose] = r.State
		}
		for _, w := range words {
			if says[w.Purpose] == w.State {
				continue
			}
			err := s.RecordTx(tx, model.ConsentRecord{
				AccountID: accountID, MemberID: memberID, Purpose: w.Purpose, State: w.State, How: model.ConsentByPage, Text: w.Text, ByKind: model.ByMember,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
