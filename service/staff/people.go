package staff

import (
	"context"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// Create is a new person. Clerks and managers need a store; a supervisor may have a region.
type Create struct{ Name, Phone, Password, Role, StoreID, RegionID string }

// Create adds a person: an owner anybody, a manager clerks of his own store, others nobody. A phone that somebody of
// the account has, or had before he left, is a conflict ("duplicate").
func (s *Service) Create(ctx context.Context, actor access.Actor, in Create) (model.Staff, error) {
	if !rules(actor) && !actor.Is(model.RoleManager) {
		return model.Staff{}, fault.New(fault.Forbidden, "not_allowed")
	}
	if !rules(actor) && (in.Role != model.RoleClerk || in.StoreID != "" && in.StoreID != actor.StoreID) {
		return model.Staff{}, fault.New(fault.Forbidden, "own_clerks_only")
	}
	var p problems
	name, reason := line(in.Name, maxName)
	p.add("name", reason)
	phone, ok := model.NormalizePhone(in.Phone)
	p.add("phone", phoneReason(in.Phone, ok))
	p.add("password", passwordReason(in.Password))
	p.place(in.Role, in.StoreID, in.RegionID)
	if err := p.err(); err != nil {
		return model.Staff{}, err
	}
	row := model.Staff{
		ID: model.NewID(), AccountID: actor.AccountID, Name: name, Role: in.Role, StoreID: in.StoreID, RegionID: in.RegionID,
		PhoneHash: s.phoneHash(phone), PhoneSealed: s.keys.SealString(phone), Active: true,
	}
	if err := checkPlace(s.db.Read(ctx), row); err != nil {
		return model.Staff{}, err
	}
	var err error
	if row.PasswordHash, err = s.passwords.hash(ctx, in.Password); err != nil {
		return model.Staff{}, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		row.CreatedAt = tx.Millis()
		if err := insert(tx, &row); err != nil {
			return err
		}
		if err := openAssignment(tx, row); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry("staff.create", row.ID, "role:"+row.Role))
	})
	if database.IsDuplicate(err) {
		return model.Staff{}, fault.New(fault.Conflict, "duplicate")
	}
	return row, err
}

func entry(action, staffID, detail string) audit.Entry {
	return audit.Entry{Action: action, Object: "staff", ObjectID: staffID, Detail: detail}
}

func (s *Service) phoneHash(e164 string) string { return s.keys.Hash("staff_phone", e164) }

// checkPlace makes sure that store and region are the account's own. Neither is ever deleted, so the answer lasts.
func checkPlace(db *gorm.DB, p model.Staff) error {
	if p.StoreID != "" {
		if _, err := findStore(db, storeScope(access.System(p.AccountID)), p.StoreID); err != nil {
			return err
		}
	}
	if p.RegionID != "" {
		if _, err := findRegion(db, p.AccountID, p.RegionID); err != nil {
			return err
		}
	}
	return nil
}

// Filter limits a list of people; a zero field does not.
type Filter struct {
	StoreID string
	Role    string
	Active  *bool
}

// List gives the people the actor may see, in order of creation.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter, page Page) ([]model.Staff, string, error) {
	rows, err := listStaff(s.db.Read(ctx), staffScope(actor), f, page)
	if err != nil {
		return nil, "", err
	}
	rows, cursor := next(rows, page.limit(), func(r model.Staff) string { return r.ID })
	return rows, cursor, nil
}

// Get gives one person the actor may see.
func (s *Service) Get(ctx context.Context, actor access.Actor, staffID string) (model.Staff, error) {
	return findStaff(s.db.Read(ctx), staffScope(actor), staffID)
}

// StaffTx gives a person of the account, active or not, for other rooms, which have done their own check of rights.
func (s *Service) StaffTx(tx *database.Tx, accountID, staffID string) (model.Staff, error) {
	return findStaff(tx.DB, staffScope(access.System(accountID)), staffID)
}

// MaskedPhone gives the person's phone as others may see it: 138****0001.
func (s *Service) MaskedPhone(p model.Staff) (string, error) {
	phone, err := s.keys.OpenString(p.PhoneSealed)
	return model.MaskPhone(phone), err
}
