package member

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
)

// Known gives the members behind phones, in their full form, and cards. The caller asks what of them the actor may see.
func (s *Service) Known(ctx context.Context, accountID string, phones, cards []string) (byPhone, byCard map[string]string, err error) {
	return s.KnownTx(s.db.Read(ctx), accountID, phones, cards)
}

// KnownTx is Known within a transaction.
func (s *Service) KnownTx(db *gorm.DB, accountID string, phones, cards []string) (byPhone, byCard map[string]string, err error) {
	hashes := make([]string, len(phones))
	for i, p := range phones {
		hashes[i] = s.keys.Hash("phone", p)
	}
	byHash, err := identitiesOf(db, accountID, model.IdentityPhone, hashes)
	if err != nil {
		return nil, nil, err
	}
	byPhone = make(map[string]string, len(byHash))
	for i, p := range phones {
		if id, known := byHash[hashes[i]]; known {
			byPhone[p] = id
		}
	}
	byCard, err = identitiesOf(db, accountID, model.IdentityCard, cards)
	return byPhone, byCard, err
}

// identitiesOf gives the members behind the values of a kind.
func identitiesOf(db *gorm.DB, accountID, kind string, values []string) (map[string]string, error) {
	const atOnce = 500 // the databases bound the number of arguments
	found := make(map[string]string, len(values))
	for chunk := range slices.Chunk(values, atOnce) {
		var rows []model.Identity
		if err := db.Where("account_id = ? AND kind = ? AND value IN ?", accountID, kind, chunk).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("find members of a file: %w", err)
		}
		for _, r := range rows {
			found[r.Value] = r.MemberID
		}
	}
	return found, nil
}
