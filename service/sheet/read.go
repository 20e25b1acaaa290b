// Package sheet reads and writes tables as people exchange them: CSV and XLSX.
package sheet

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"liuke/service/fault"
)

// Limits of a file beside its size and rows.
const (
	maxColumns  = 60
	maxRowBytes = 8 << 10
	// maxUnzipped bounds what a small spreadsheet may unfold to; parts over maxInMemory go to temporary files.
	maxUnzipped = 512 << 20
	maxInMemory = 8 << 20
)

// Limits are what a file may hold at most.
type Limits struct {
	Bytes int
	Rows  int // below the headings
}

// Reader reads files, a few at a time: each may take some hundred megabytes.
type Reader struct{ slots chan struct{} }

// NewReader makes a reader of so many files at the same time.
func NewReader(atOnce int) *Reader { return &Reader{make(chan struct{}, atOnce)} }

// Each is told a row of a file and its number as a spreadsheet shows it: from 1, the headings and empty rows counted.
type Each func(number int64, row []string) error

// Read hands each row of a file to each, headings first; empty rows are left out. It knows XLSX, and CSV with comma,
// semicolon or tab in UTF-8 (with or without mark) or GB18030. Over its limits a file is TooLarge; what is neither of
// both is input file.
func (r *Reader) Read(ctx context.Context, body io.Reader, limits Limits, each Each) error {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	content, err := io.ReadAll(io.LimitReader(body, int64(limits.Bytes)+1))
	if err != nil {
		return fault.New(fault.Invalid, "body_cut").Because(err)
	}
	if len(content) > limits.Bytes {
		return fault.New(fault.TooLarge, "too_large")
	}
	return readRows(content, limits.Rows, each)
}

func readRows(content []byte, most int, each Each) error {
	n := 0
	take := func(number int64, row []string) error {
		for len(row) > 0 && strings.TrimSpace(row[len(row)-1]) == "" {
			row = row[:len(row)-1]
		}
		if len(row) == 0 {
			return nil
		}
		if n++; n > most+1 {
			return fault.New(fault.TooLarge, "too_many_rows")
		}
		if len(row) > maxColumns {
			return fault.Input("file", "too_many_columns")
		}
		size := 0
		for _, cell := range row {
			size += len(cell)
		}
		if size > maxRowBytes {
			return fault.Input("file", "row_too_long")
		}
		return each(number, row)
	}
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return readXLSX(content, take)
	}
	return readCSV(content, take)
}

func errUnreadable(err error) error { return fault.Input("file", "unreadable").Because(err) }

func readXLSX(content []byte, take Each) (err error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return errUnreadable(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return errUnreadable(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for number := int64(1); rows.Next(); number++ { // it gives rows that the file leaves out as empty ones
		// Raw values: a phone shown as 1.39E+10 is still whole, a day is a number that means one day only.
		row, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return errUnreadable(err)
		}
		if err := take(number, row); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return errUnreadable(err)
	}
	return nil
}

func readCSV(content []byte, take Each) error {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return errUnreadable(err)
		}
		content = decoded
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return fault.Input("file", "unreadable")
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(content), -1, true
	next := 1 // the line on which the next row begins, if no empty one comes before
	for number := int64(1); ; number++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errUnreadable(fmt.Errorf("read csv: %w", err))
		}
		first, _ := r.FieldPos(0)
		number += int64(first - next) // empty lines are not told of
		last, _ := r.FieldPos(len(row) - 1)
		next = last + strings.Count(row[len(row)-1], "\n") + 1 // a cell may hold line ends, its row is one
		if err := take(number, row); err != nil {
			return err
		}
	}
}

// separator is the sign that stands most often in the first line.
func separator(content []byte) rune {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	best, most := ',', 0
	for _, sign := range ",;\t" {
		if n := bytes.Count(line, []byte(string(sign))); n > most {
			best, most = sign, n
		}
	}
	return best
}
