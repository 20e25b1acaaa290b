package backup

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unicode/utf8"

	"gorm.io/gorm/schema"

	"liuke/model"
)

// table is how the rows of one type are read and written: by column, as they are, without what gorm would fill in.
type table struct {
	name    string
	row     reflect.Type
	columns []column
	keys    []int // positions of the primary key in columns
}

type column struct {
	name  string
	field int
}

// tables lists what is kept, in the order in which it is written and restored.
func tables() ([]*table, error) {
	var kept []*table
	for _, row := range model.Tables() {
		switch row.(type) {
		case *model.Session, *model.Throttle, *model.IdempotencyKey, *model.Journal, *model.Lease, *model.FeedEvent, *model.SchemaMeta:
			continue
		}
		t, err := tableOf(row)
		if err != nil {
			return nil, err
		}
		kept = append(kept, t)
	}
	return kept, nil
}

func tableOf(row any) (*table, error) {
	s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		return nil, fmt.Errorf("learn the columns of a table: %w", err)
	}
	t := &table{name: s.Table, row: s.ModelType}
	for i, f := range s.Fields {
		t.columns = append(t.columns, column{f.DBName, f.StructField.Index[0]})
		if f.PrimaryKey {
			t.keys = append(t.keys, i)
		}
	}
	return t, nil
}

// fresh gives an empty row and pointers to its fields in the order of the columns.
func (t *table) fresh() (row any, fields []any) {
	v := reflect.New(t.row)
	for _, c := range t.columns {
		fields = append(fields, v.Elem().Field(c.field).Addr().Interface())
	}
	return v.Interface(), fields
}

// appendLine writes a row as a line of JSON.
func (t *table) appendLine(b []byte, fields []any) ([]byte, error) {
	for i, c := range t.columns {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		b = append(b, sep, '"')
		b = append(append(b, c.name...), '"', ':')
		value, err := encode(fields[i])
		if err != nil {
			return nil, fmt.Errorf("write column %s of %s: %w", c.name, t.name, err)
		}
		b = append(b, value...)
	}
	return append(b, '}', '\n'), nil
}

// parseLine reads what appendLine wrote. It wants every column and no other.
func (t *table) parseLine(line []byte) (row any, fields []any, err error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(line, &values); err != nil {
		return nil, nil, fmt.Errorf("%w: a row of %s is no JSON", ErrDamaged, t.name)
	}
	if len(values) != len(t.columns) {
		return nil, nil, fmt.Errorf("%w: a row of %s has %d columns, not %d", ErrDamaged, t.name, len(values), len(t.columns))
	}
	row, fields = t.fresh()
	for i, c := range t.columns {
		if err := decode(values[c.name], fields[i]); err != nil {
			return nil, nil, fmt.Errorf("%w: column %s of %s cannot be read", ErrDamaged, c.name, t.name)
		}
	}
	return row, fields, nil
}

// odd carries a text that is not UTF-8, which JSON cannot.
type odd struct {
	Base64 string `json:"base64"`
}

func encode(field any) ([]byte, error) {
	var text *string
	switch f := field.(type) {
	case *string:
		text = f
	case **string:
		text = *f
	}
	if text != nil && !utf8.ValidString(*text) {
		return json.Marshal(odd{base64.StdEncoding.EncodeToString([]byte(*text))})
	}
	return json.Marshal(field)
}

func decode(raw json.RawMessage, field any) error {
	if len(raw) == 0 {
		return errors.New("missing")
	}
	if raw[0] != '{' {
		return json.Unmarshal(raw, field)
	}
	var o odd
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	text, err := base64.StdEncoding.DecodeString(o.Base64)
	if err != nil {
		return err
	}
	whole := string(text)
	switch f := field.(type) {
	case *string:
		*f = whole
	case **string:
		*f = &whole
	default:
		return errors.New("no text")
	}
	return nil
}
