package transfer

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
)

// byteOrderMark makes spreadsheets read UTF-8 as such.
const byteOrderMark = "\xef\xbb\xbf"

// table is what rows are written to.
type table interface {
	row(cells []string) error
	close() error // writes what is held back
	drop() error  // throws it away
}

// finish ends a table: well, or without a further byte.
func finish(t table, err error) error {
	if err != nil {
		return errors.Join(err, t.drop())
	}
	return t.close()
}

type csvTable struct {
	buffer *bufio.Writer
	csv    *csv.Writer
}

func newCSV(w io.Writer) (*csvTable, error) {
	t := &csvTable{buffer: bufio.NewWriter(w)}
	t.csv = csv.NewWriter(t.buffer)
	_, err := t.buffer.WriteString(byteOrderMark)
	return t, err
}

func (t *csvTable) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = harmless(c)
	}
	return t.csv.Write(safe)
}

func (t *csvTable) close() error {
	t.csv.Flush()
	return errors.Join(t.csv.Error(), t.buffer.Flush())
}

func (t *csvTable) drop() error { return nil }

// harmless keeps a spreadsheet from taking a cell for a formula. Numbers with a sign are none.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if strings.ContainsRune("+-", rune(cell[0])) && strings.Trim(cell[1:], "0123456789. ") == "" {
		return cell
	}
	return "'" + cell
}

type xlsxTable struct {
	to     io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	n      int
}

func newXLSX(w io.Writer) (*xlsxTable, error) {
	f := excelize.NewFile()
	stream, err := f.NewStreamWriter(f.GetSheetName(0))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &xlsxTable{to: w, file: f, stream: stream}, nil
}

// row writes every cell as text, so that none is a formula and no number is rounded.
func (t *xlsxTable) row(cells []string) error {
	t.n++
	at, err := excelize.CoordinatesToCellName(1, t.n)
	if err != nil {
		return err
	}
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = c
	}
	return t.stream.SetRow(at, values)
}

func (t *xlsxTable) close() error {
	err := t.stream.Flush()
	if err == nil {
		_, err = t.file.WriteTo(t.to)
	}
	return errors.Join(err, t.file.Close())
}

func (t *xlsxTable) drop() error { return t.file.Close() }

// Kinds of files that are given out.
const (
	CSV  = "csv"
	XLSX = "xlsx"
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
	var t table
	if kind == XLSX {
		t, err = newXLSX(w)
	} else {
		t, err = newCSV(w)
	}
	if err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	headings := []string{"id", "name", "card_no", "level", "points", "class", "sub_class", "birthday", "sex", "tags", "store", "clerk", "bound_at", "subscribed", "created_at"}
	if phones {
		headings = append(headings, "phone")
	}
	err = t.row(headings)
	if err == nil {
		err = s.members.Export(ctx, actor, f, phones, func(f member.File) error {
			cells := names.cells(f)
			if phones {
				cells = append(cells, f.Phone)
			}
			return t.row(cells)
		})
	}
	return finish(t, err)
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
func (s *Service) Refused(ctx context.Context, actor access.Actor, id string, w io.Writer) error {
	row, err := s.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := actor.Stays(); err != nil {
		return err
	}
	if row.CreatedAt < s.db.Now().Add(-keepParts).UnixMilli() {
		return fault.New(fault.NotFound, "rows_gone")
	}
	err = s.audit.Record(ctx, actor, audit.Entry{Action: "member_import.refused", Object: "member_import", ObjectID: row.ID})
	if err != nil {
		return err
	}
	var columns []string
	if err := json.Unmarshal([]byte(row.Headings), &columns); err != nil {
		return fmt.Errorf("read headings: %w", err)
	}
	t, err := newCSV(w)
	if err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	err = t.row(append(columns, "row", "reason"))
	if err == nil {
		err = s.refusedRows(ctx, row.ID, len(columns), t)
	}
	return finish(t, err)
}

// refusedRows goes through the refusals in order, part by part.
func (s *Service) refusedRows(ctx context.Context, id string, columns int, t table) error {
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
		var rows [][]string
		first := int64(0)
		for _, r := range next {
			if start := (r.RowNo-1)/rowsPerPart*rowsPerPart + 1; start != first {
				var part model.ImportPart
				if err := s.db.Read(ctx).First(&part, "import_id = ? AND first_row = ?", id, start).Error; err != nil {
					return fmt.Errorf("read rows of a file: %w", err)
				}
				if rows, err = s.open(part); err != nil {
					return err
				}
				first = start
			}
			cells := make([]string, max(columns, len(rows[r.RowNo-first])))
			copy(cells, rows[r.RowNo-first])
			if err := t.row(append(cells, strconv.FormatInt(r.RowNo, 10), r.Reason)); err != nil {
				return err
			}
			last = r.RowNo
		}
	}
}
