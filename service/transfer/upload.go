package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/sheet"
)

// previewRows is how many rows a person looks at before he starts.
const previewRows = 20

// Uploaded is a file that was read and waits for its start.
type Uploaded struct {
	Import  model.Import
	Columns []string
	Preview [][]string
	Guess   map[string]int // field -> column, by the headings
}

// Upload reads a file of a kind: the first row has the headings. Nothing is taken in yet. Over model.MaxImportBytes or
// model.MaxImportRows it is too large; what is neither CSV nor XLSX is input file.
func (s *Service) Upload(ctx context.Context, actor access.Actor, kind string, body io.Reader) (Uploaded, error) {
	var up Uploaded
	if !actor.Is(model.RoleManager, model.RoleOwner) {
		return up, fault.New(fault.Forbidden, "role")
	}
	up.Import = model.Import{
		ID: model.NewID(), AccountID: actor.AccountID, ByID: actor.StaffID, RequestID: model.ASCIIKey(actor.RequestID, 64),
		Kind: kind, State: model.ImportUploaded, Mapping: "{}", CreatedAt: s.db.Now().UnixMilli(),
	}
	parts, err := s.parts(ctx, body, &up)
	if err != nil {
		return up, err
	}
	if up.Import.Total == 0 {
		return up, fault.Input("file", "empty")
	}
	k := kindOf(kind)
	up.Guess = sheet.Guess(up.Columns, k.fields, k.words)
	headings, err := json.Marshal(up.Columns)
	if err != nil {
		return up, fmt.Errorf("keep headings: %w", err)
	}
	up.Import.Headings = string(headings)
	return up, s.keep(ctx, actor, up.Import, parts)
}

// keep writes the rows first, a few parts at a time, and the import last: what is cut off leaves rows nobody names,
// which the next lines take away again.
func (s *Service) keep(ctx context.Context, actor access.Actor, row model.Import, parts []model.ImportPart) error {
	const atOnce = 5 // each is below a megabyte; servers bound a statement
	err := func() error {
		for some := range slices.Chunk(parts, atOnce) {
			err := s.db.InTx(ctx, func(tx *database.Tx) error { return tx.Create(&some).Error })
			if err != nil {
				return fmt.Errorf("keep rows of a file: %w", err)
			}
		}
		return s.db.InTx(ctx, func(tx *database.Tx) error {
			if err := tx.Create(&row).Error; err != nil {
				return fmt.Errorf("keep import: %w", err)
			}
			return s.record(tx, actor, "upload", row, fmt.Sprintf("rows:%d", row.Total))
		})
	}()
	if err != nil {
		_, dropped := s.db.Exec(context.WithoutCancel(ctx), "DELETE FROM member_import_parts WHERE import_id = ?", row.ID)
		return errors.Join(err, dropped)
	}
	return nil
}

func (s *Service) record(tx *database.Tx, actor access.Actor, act string, row model.Import, detail string) error {
	object := kindOf(row.Kind).object
	return s.audit.RecordTx(tx, actor, audit.Entry{Action: object + "." + act, Object: object, ObjectID: row.ID, Detail: detail})
}

// parts reads the rows and seals them in parts.
func (s *Service) parts(ctx context.Context, body io.Reader, up *Uploaded) ([]model.ImportPart, error) {
	var parts []model.ImportPart
	var rows [][]string
	var numbers []int64
	seal := func() error {
		if len(rows) == 0 {
			return nil
		}
		text, err := json.Marshal(rows)
		if err != nil {
			return fmt.Errorf("keep rows of a file: %w", err)
		}
		shown, err := json.Marshal(numbers)
		if err != nil {
			return fmt.Errorf("keep numbers of rows: %w", err)
		}
		parts = append(parts, model.ImportPart{
			ImportID: up.Import.ID, FirstRow: up.Import.Total - int64(len(rows)) + 1, Numbers: string(shown), Sealed: s.keys.Seal(text),
		})
		rows, numbers = rows[:0], numbers[:0]
		return nil
	}
	limits := sheet.Limits{Bytes: model.MaxImportBytes, Rows: model.MaxImportRows}
	err := s.files.Read(ctx, body, limits, func(number int64, row []string) error {
		if up.Columns == nil {
			for _, heading := range row {
				up.Columns = append(up.Columns, strings.TrimSpace(heading))
			}
			return nil
		}
		row = slices.Clone(row)
		if up.Import.Total++; up.Import.Total <= previewRows {
			up.Preview = append(up.Preview, row)
		}
		if rows, numbers = append(rows, row), append(numbers, number); len(rows) == rowsPerPart {
			return seal()
		}
		return nil
	})
	if err == nil {
		err = seal()
	}
	return parts, err
}

// open reads the rows of a part.
func (s *Service) open(p model.ImportPart) ([]line, error) {
	var rows [][]string
	var numbers []int64
	text, err := s.keys.Open(p.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &rows)
	}
	if err == nil && p.Numbers != "" {
		err = json.Unmarshal([]byte(p.Numbers), &numbers)
	}
	if err != nil {
		return nil, fmt.Errorf("open rows of a file: %w", err)
	}
	lines := make([]line, len(rows))
	for i, cells := range rows {
		place := p.FirstRow + int64(i)
		lines[i] = line{place: place, number: place + 1, cells: cells}
		if i < len(numbers) {
			lines[i].number = numbers[i]
		}
	}
	return lines, nil
}
