package sheet_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"liuke/service/fault"
	"liuke/service/sheet"
)

func read(t *testing.T, content string, limits sheet.Limits) ([][]string, error) {
	t.Helper()
	var rows [][]string
	err := sheet.NewReader(1).Read(t.Context(), strings.NewReader(content), limits, func(_ int64, row []string) error {
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func TestTable_isReadBackAsItWasWrittenAndHoldsNoFormula(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"卡号", "姓名"}, {"007", "豆豆妈, 二店"}, {"-12", "=1+1"}, {"13900000001", "@x"}}
	for _, kind := range []string{sheet.CSV, sheet.XLSX} {
		var b bytes.Buffer
		table, err := sheet.New(kind, &b)
		require.NoError(t, err)
		for _, r := range rows {
			require.NoError(t, table.Row(r))
		}
		require.NoError(t, sheet.Finish(table, nil))
		got, err := read(t, b.String(), sheet.Limits{Bytes: 1 << 20, Rows: 3})
		require.NoError(t, err)
		want := rows
		if kind == sheet.CSV {
			want = [][]string{rows[0], rows[1], {"-12", "'=1+1"}, {"13900000001", "'@x"}}
		}
		require.Equal(t, want, got, kind)
	}
}

func TestReader_knowsSeparatorsAndChineseEncodings(t *testing.T) {
	t.Parallel()
	want := [][]string{{"卡号", "姓名"}, {"7", "豆豆妈"}}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("卡号,姓名\n7,豆豆妈\n")
	require.NoError(t, err)
	for _, text := range []string{gb, "\xef\xbb\xbf卡号;姓名\r\n7;豆豆妈\r\n", "卡号\t姓名\n\n7\t豆豆妈\t\t\n"} {
		got, err := read(t, text, sheet.Limits{Bytes: 1000, Rows: 1})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestReader_numbersRowsAsASpreadsheetShowsThem(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for at, cell := range map[string]string{"A2": "卡号", "A3": "7", "B5": "9", "A9": " ", "A10": "10"} {
		require.NoError(t, f.SetCellValue("Sheet1", at, cell))
	}
	book, err := f.WriteToBuffer()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	for name, content := range map[string]string{
		"xlsx": book.String(),
		"csv":  "\n卡号\n7\n\r\n,9\n,,\n\n\n \n10\n",
	} {
		var numbers []int64
		err := sheet.NewReader(1).Read(t.Context(), strings.NewReader(content), sheet.Limits{Bytes: 1 << 20, Rows: 9}, func(n int64, _ []string) error {
			numbers = append(numbers, n)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, []int64{2, 3, 5, 10}, numbers, name)
	}
	var numbers []int64
	err = sheet.NewReader(1).Read(t.Context(), strings.NewReader("a,b\n\"1\n2\",\"x\n\n\"\n\n3,4\n"), sheet.Limits{Bytes: 99, Rows: 9}, func(n int64, _ []string) error {
		numbers = append(numbers, n)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2, 4}, numbers, "a cell of several lines is in one row")
}

func TestFixed_readsWhatPeopleAndSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	for text, fen := range map[string]int64{
		"12": 1200, "0.5": 50, ".5": 50, "12.": 1200, "-3.20": -320, "−3.2": -320, "+7": 700, "１２．５０": 1250, "1,234.50": 123_450, "12,345,678.9": 1_234_567_890,
		"(12.00)": -1200, "（3）": -300, "19.989999999999998": 1999, "0.30000000000000004": 30, "5.551115123125783E-17": 0, "1.2E+3": 120_000, "'8.8": 880,
		"0": 0, "100000000000.00": 10_000_000_000_000, "12.3400": 1234, "　6": 600,
	} {
		got, ok := sheet.Fixed(text, 2)
		require.True(t, ok, text)
		require.Equal(t, fen, got, text)
	}
	for _, text := range []string{
		"", "x", "12.345", "1.005", "1,23", "1,2345", "12,34.5", "--1", "-(1)", "(1", "1)", "1.2.3", "1e999999999", "1e", "NaN", "Inf", "0x10", "1/3", "1_000", ".", "-",
		strings.Repeat("9", 30), "12元",
	} {
		_, ok := sheet.Fixed(text, 2)
		require.False(t, ok, text)
	}
	got, ok := sheet.Fixed("1.255", 3)
	require.True(t, ok)
	require.EqualValues(t, 1255, got)
}

func TestReader_holdsItsLimits(t *testing.T) {
	t.Parallel()
	limits := sheet.Limits{Bytes: 20_000, Rows: 2}
	for text, kind := range map[string]fault.Kind{
		"a\n1\n2\n3\n":                   fault.TooLarge,
		strings.Repeat("x", 20_001):      fault.TooLarge,
		strings.Repeat("a,", 60) + "a":   fault.Invalid,
		strings.Repeat("x", 8<<10) + "x": fault.Invalid,
		"a\x00b\n":                       fault.Invalid,
		"PK\x03\x04 no book":             fault.Invalid,
		"\xff\xff\xff":                   fault.Invalid,
	} {
		_, err := read(t, text, limits)
		require.True(t, fault.Is(err, kind), "%.20q: %v", text, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, sheet.NewReader(0).Read(ctx, strings.NewReader("a\n"), limits, nil), "it waits for its turn")
}

func TestGuess_takesAColumnOnceByTheSurestWord(t *testing.T) {
	t.Parallel()
	words := func(field string) []string {
		return map[string][]string{"phone": {"会员手机", "手机"}, "clerk": {"导购手机", "手机"}}[field]
	}
	require.Equal(t, map[string]int{"phone": 0, "clerk": 1}, sheet.Guess([]string{"手机（必填）", "导购手机 (11位)"}, []string{"phone", "clerk"}, words))
	require.Equal(t, map[string]int{"phone": 0}, sheet.Guess([]string{"手机", "x"}, []string{"phone", "clerk"}, words))
	require.Equal(t, "13900000001", sheet.Whole("1.3900000001E10"))
	require.Equal(t, "00700", sheet.Whole("'00700"))
}
