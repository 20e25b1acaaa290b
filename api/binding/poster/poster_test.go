package poster_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/api/binding/poster"
)

func TestDraw_makesASmallPDFOfEitherSizeWhateverIsWritten(t *testing.T) {
	t.Parallel()
	for _, size := range []string{poster.A4, poster.A5} {
		for _, text := range []string{"", "小禾母婴 · 一店", "Shop <1> & (2) \\", "😀 emoji \x00 und \u202ekontrolle", "很长的店名很长的店名很长的店名很长的店名很长的店名很长的店名", "𠮷野家龘"} {
			pdf, err := poster.Draw(poster.Sheet{Size: size, URL: "http://weixin.qq.com/q/02abcdefghijklmnop", Title: text, Line: text, Advice: text})
			require.NoError(t, err, text)
			require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")), text)
			require.Less(t, len(pdf), 300<<10, text)
		}
	}
}
