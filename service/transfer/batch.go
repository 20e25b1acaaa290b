package transfer

import (
	"encoding/json"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// line is a row of a file.
type line struct {
	place  int64 // among the rows, from 1
	number int64 // as a spreadsheet shows it
	cells  []string
}

// batch is the rows that one transaction works off.
type batch struct {
	*Service

	tx       *database.Tx
	actor    access.Actor
	row      *model.Import // its counts grow
	mapping  map[string]int
	lines    []line
	before   *line // the row before them, if there is one
	refusals []model.ImportRefusal
}

// batch reads the rows that come next. Rows that belong together stay together, unless they are more than the kind
// allows.
func (s *Service) batch(tx *database.Tx, actor access.Actor, row *model.Import) (*batch, error) {
	b := &batch{Service: s, tx: tx, actor: actor, row: row}
	if err := json.Unmarshal([]byte(row.Mapping), &b.mapping); err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	k := kindOf(row.Kind)
	lines, err := s.lines(tx, row.ID, row.Done, row.Done+int64(k.atOnce+k.over))
	if err != nil {
		return nil, err
	}
	if row.Done > 0 && len(lines) > 0 {
		b.before, lines = &lines[0], lines[1:]
	}
	if len(lines) == 0 {
		return nil, errRowsGone()
	}
	n := min(k.atOnce, len(lines))
	for n < len(lines) && k.joined(b.mapping, lines[n-1].cells, lines[n].cells) {
		n++
	}
	b.lines = lines[:n]
	return b, nil
}

// lines reads rows of a file by their places, the last one included.
func (s *Service) lines(tx *database.Tx, id string, from, to int64) ([]line, error) {
	var parts []model.ImportPart
	err := tx.Where("import_id = ? AND first_row > ? AND first_row <= ?", id, from-rowsPerPart, to).Order("first_row").Find(&parts).Error
	if err != nil {
		return nil, fmt.Errorf("read rows of a file: %w", err)
	}
	var lines []line
	for _, p := range parts {
		of, err := s.open(p)
		if err != nil {
			return nil, err
		}
		lines = append(lines, of...)
	}
	return slices.DeleteFunc(lines, func(l line) bool { return l.place < from || l.place > to }), nil
}

// refuse keeps why a row is not taken.
func (b *batch) refuse(place int64, reason string) {
	b.refusals = append(b.refusals, model.ImportRefusal{ImportID: b.row.ID, RowNo: place, Reason: reason})
}

// cellOf gives what a column that was chosen for a field says in a row.
func cellOf(cells []string, mapping map[string]int, field string) string {
	at, mapped := mapping[field]
	if !mapped || at >= len(cells) {
		return ""
	}
	return cells[at]
}
