package member

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
)

// profileRows bounds the members of one statement.
const profileRows = 500

// profile writes today's values of what the files of members say. Whatever changes a ledger, or joins or parts files,
// calls it in the same transaction.
func profile(tx *database.Tx, ids []string) error {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), profileRows) {
		if err := profileSome(tx, chunk); err != nil {
			return err
		}
	}
	return nil
}

func profileSome(tx *database.Tx, ids []string) error {
	// Whoever changes a ledger holds its member: so nobody's change is overwritten by what stood there before.
	var members []model.Member
	if err := tx.Lock().Select("id", "account_id").Where("id IN ?", ids).Order("id").Find(&members).Error; err != nil {
		return fmt.Errorf("find members: %w", err)
	}
	facts, err := factsAt(tx.DB, tx.Millis(), ids)
	if err != nil {
		return err
	}
	rows := make([]model.Profile, len(members))
	var children []model.ProfileChild
	for i, m := range members {
		f := facts[m.ID]
		rows[i] = model.Profile{MemberID: m.ID, AccountID: m.AccountID, Birthday: f.Birthday, Sex: f.Sex, Channel: f.Channel}
		if len(f.Birthday) == len(time.DateOnly) {
			rows[i].BirthDay = f.Birthday[len("2006-"):]
		}
		for n, c := range f.Children {
			children = append(children, model.ProfileChild{MemberID: m.ID, Position: int64(n), Birthday: c.Birthday, Sex: c.Sex})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err = tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "member_id"}}, DoUpdates: clause.AssignmentColumns([]string{"birthday", "birth_day", "sex", "channel"}),
	}).Create(&rows).Error
	if err != nil {
		return fmt.Errorf("keep profiles: %w", err)
	}
	if err := tx.Where("member_id IN ?", ids).Delete(&model.ProfileChild{}).Error; err != nil {
		return fmt.Errorf("renew the children of profiles: %w", err)
	}
	if len(children) > 0 {
		if err := tx.CreateInBatches(&children, profileRows).Error; err != nil {
			return fmt.Errorf("keep the children of profiles: %w", err)
		}
	}
	return nil
}

// How often files without a profile are looked for: those from before there were profiles.
const (
	profileLease = "member.profiles"
	profileEvery = time.Hour
)

// Start adds the room's loop to the group.
func (s *Service) Start(g *worker.Group, leases *worker.Leases) {
	g.GoAlone(leases, profileLease, profileEvery, s.KeepProfiles)
}

// KeepProfiles makes the profiles that are missing.
func (s *Service) KeepProfiles(ctx context.Context) error {
	for ctx.Err() == nil {
		var ids []string
		err := s.db.Read(ctx).Model(&model.Attribute{}).Distinct().
			Joins("JOIN members ON members.id = member_attributes.member_id").
			Joins("LEFT JOIN member_profiles ON member_profiles.member_id = member_attributes.member_id").
			Where("member_profiles.member_id IS NULL").Limit(profileRows).Pluck("member_attributes.member_id", &ids).Error
		if err != nil {
			return fmt.Errorf("look for files without a profile: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		if err := s.db.InTx(ctx, func(tx *database.Tx) error { return profile(tx, ids) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}
