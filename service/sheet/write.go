package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// byteOrderMark makes spreadsheets read UTF-8 as such.
const byteOrderMark = "\xef\xbb\xbf"

// Kinds of files.
const (
	CSV  = "csv"
	XLSX = "xlsx"
)

// MediaType is what HTTP calls a kind of file.
func MediaType(kind string) string {
	if kind == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv"
}

// Table is what rows are written to. It ends by Finish.
type Table interface {
	Row(cells []string) error
	close() error // writes what is held back
	drop() error  // throws it away
}

// New begins a table of a kind.
func New(kind string, w io.Writer) (Table, error) {
	if kind == XLSX {
		return newXLSX(w)
	}
	return newCSV(w)
}

// Finish ends a table: well, or without a further byte.
func Finish(t Table, err error) error {
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

// Row writes every cell so that none is a formula.
func (t *csvTable) Row(cells []string) error {
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

// Row writes every cell as text, so that none is a formula and no number is rounded.
func (t *xlsxTable) Row(cells []string) error {
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
