package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/sheet"
)

// Export writes the members of a filter that the actor may see to a file of a kind, page by page. Faults come before the
// first byte.
func (s *Service) Export(ctx context.Context, actor access.Actor, kind string, f member.Filter, phones bool, w io.Writer) error {
	if !actor.Is(model.RoleManager, model.RoleOwner) || phones && !actor.Is(model.RoleOwner) {
		return fault.New(fault.Forbidden, "role")
	}
	names, err := s.names(ctx, actor.AccountID)
	if err != nil {
		return err
	}
	t, err := sheet.New(kind, w)
	if err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	headings := []string{"id", "name", "card_no", "level", "points", "class", "sub_class", "birthday", "sex", "tags", "store", "clerk", "bound_at", "subscribed", "created_at"}
	if phones {
		headings = append(headings, "phone")
	}
	err = t.Row(headings)
	if err == nil {
		err = s.members.Export(ctx, actor, f, phones, func(f member.File) error {
			cells := names.cells(f)
			if phones {
				cells = append(cells, f.Phone)
			}
			return t.Row(cells)
		})
	}
	return sheet.Finish(t, err)
}

// names are those of stores and people.
type names struct{ stores, people map[string]string }

func (s *Service) names(ctx context.Context, accountID string) (names, error) {
	n := names{map[string]string{}, map[string]string{}}
	var stores []model.Store
	if err := s.db.Read(ctx).Select("id", "name").Where("account_id = ?", accountID).Find(&stores).Error; err != nil {
		return n, fmt.Errorf("read names of stores: %w", err)
	}
	var people []model.Staff
	if err := s.db.Read(ctx).Select("id", "name").Where("account_id = ?", accountID).Find(&people).Error; err != nil {
		return n, fmt.Errorf("read names of people: %w", err)
	}
	for _, r := range stores {
		n.stores[r.ID] = r.Name
	}
	for _, r := range people {
		n.people[r.ID] = r.Name
	}
	return n, nil
}

func (n names) cells(f member.File) []string {
	m := f.Member
	at := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return model.Time(ms).Format(time.RFC3339)
	}
	return []string{
		m.ID, m.Name, m.CardNo, m.Level, strconv.FormatInt(m.Points, 10), f.Class.Class, f.Class.SubClass, f.Facts.Birthday, f.Facts.Sex,
		strings.Join(f.Tags, ","), n.stores[m.StoreID], n.people[m.ClerkID], at(m.BoundAt),
		strconv.FormatBool(f.Follower != nil && f.Follower.Subscribed), at(m.CreatedAt),
	}
}

// Refused writes the rows of an import that were not taken, as they came, each with its reason, as CSV that can be
// mended and taken in again. The rows are gone a week after the upload: NotFound rows_gone.
func (s *Service) Refused(ctx context.Context, actor access.Actor, kind, id string, w io.Writer) error {
	row, err := s.Get(ctx, actor, kind, id)
	if err != nil {
		return err
	}
	if err := actor.Stays(); err != nil {
		return err
	}
	if row.CreatedAt < s.db.Now().Add(-keepParts).UnixMilli() {
		return errRowsGone()
	}
	object := kindOf(kind).object
	err = s.audit.Record(ctx, actor, audit.Entry{Action: object + ".refused", Object: object, ObjectID: row.ID})
	if err != nil {
		return err
	}
	var columns []string
	if err := json.Unmarshal([]byte(row.Headings), &columns); err != nil {
		return fmt.Errorf("read headings: %w", err)
	}
	t, err := sheet.New(sheet.CSV, w)
	if err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	err = t.Row(append(columns, "row", "reason"))
	if err == nil {
		err = s.refusedRows(ctx, row.ID, len(columns), t)
	}
	return sheet.Finish(t, err)
}

// refusedRows goes through the refusals in order, part by part.
func (s *Service) refusedRows(ctx context.Context, id string, columns int, t sheet.Table) error {
	last := int64(0)
	for {
		var next []model.ImportRefusal
		err := s.db.Read(ctx).Where("import_id = ? AND row_no > ?", id, last).Order("row_no").Limit(rowsPerPart).Find(&next).Error
		if err != nil {
			return fmt.Errorf("read refusals: %w", err)
		}
		if len(next) == 0 {
			return nil
		}
		var lines []line // of the part that the last one stands in
		for _, r := range next {
			if len(lines) == 0 || lines[len(lines)-1].place < r.RowNo {
				var part model.ImportPart
				start := (r.RowNo-1)/rowsPerPart*rowsPerPart + 1
				if err := s.db.Read(ctx).First(&part, "import_id = ? AND first_row = ?", id, start).Error; err != nil {
					return fmt.Errorf("read rows of a file: %w", err)
				}
				if lines, err = s.open(part); err != nil {
					return err
				}
			}
			l := lines[r.RowNo-lines[0].place]
			cells := make([]string, max(columns, len(l.cells)))
			copy(cells, l.cells)
			if err := t.Row(append(cells, strconv.FormatInt(l.number, 10), r.Reason)); err != nil {
				return err
			}
			last = r.RowNo
		}
	}
}
