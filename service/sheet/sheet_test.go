package sheet_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"liuke/service/fault"
	"liuke/service/sheet"
)

func read(t *testing.T, content string, limits sheet.Limits) ([][]string, error) {
	t.Helper()
	var rows [][]string
	err := sheet.NewReader(1).Read(t.Context(), strings.NewReader(content), limits, func(row []string) error {
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
	require.Equal(t, map[string]int{"phone": 0, "clerk": 1}, sheet.Guess([]string{"手机", "导购手机"}, []string{"phone", "clerk"}, words))
	require.Equal(t, map[string]int{"phone": 0}, sheet.Guess([]string{"手机", "x"}, []string{"phone", "clerk"}, words))
	require.Equal(t, "13900000001", sheet.Whole("1.3900000001E10"))
	require.Equal(t, "00700", sheet.Whole("'00700"))
}
