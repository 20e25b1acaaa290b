package keys

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"gorm.io/gorm/schema"

	"liuke/model"
)

// Column is a column of the database that holds sealed values.
type Column struct {
	Table, Name string
	keys        []keyColumn // the primary key, in its order
}

type keyColumn struct {
	name string
	kind reflect.Type
}

func (c Column) String() string { return c.Table + "." + c.Name }

// sealedColumn ends the name of every column with sealed values.
const sealedColumn = "sealed"

// Columns finds what the data key seals in the rows of the program, by the names of their columns, so that none can be
// forgotten. The stored keys, which the master key seals, are not among them.
func Columns() ([]Column, error) {
	var all []Column
	for _, row := range model.Tables() {
		if _, of := row.(*model.StoredKey); of {
			continue
		}
		s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			return nil, fmt.Errorf("learn the columns of a table: %w", err)
		}
		var key []keyColumn
		for _, f := range s.PrimaryFields {
			key = append(key, keyColumn{f.DBName, f.FieldType})
		}
		for _, f := range s.Fields {
			if strings.HasSuffix(f.DBName, sealedColumn) {
				all = append(all, Column{s.Table, f.DBName, key})
			}
		}
	}
	return all, nil
}
