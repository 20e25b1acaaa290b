// Package poster draws the sheet that a shop prints and puts on its counter.
//
// The font is Noto Sans SC under the SIL Open Font License (beside this file), cut to the letters of GB 2312 and some
// of names. A letter that it lacks is left out.
package poster

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"
)

//go:embed NotoSansSC.ttf.gz
var packedFont []byte

// Sizes of paper.
const (
	A4 = "A4"
	A5 = "A5"
)

// Sheet is what is printed. Empty lines are left out.
type Sheet struct {
	Size   string // A4 or A5
	URL    string // of the code
	Title  string // over the code
	Line   string // under the code, large
	Advice string // under it, small
}

const family = "noto"

// Draw gives the sheet as PDF. The code is drawn in vectors, so it is sharp at any size.
func Draw(s Sheet) ([]byte, error) {
	code, err := qrcode.New(s.URL, qrcode.High)
	if err != nil {
		return nil, fmt.Errorf("draw the code of a poster: %w", err)
	}
	code.DisableBorder = true
	font, err := unpack()
	if err != nil {
		return nil, err
	}
	pdf := fpdf.New("P", "mm", s.Size, "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.AddUTF8FontFromBytes(family, "", font)
	pdf.AddPage()
	width, height := pdf.GetPageSize()
	unit := width / 210 // the layout is that of A4
	side := 120 * unit
	top := height/2 - side/2 + 4*unit
	line(pdf, clean(s.Title), 34*unit, top-34*unit, width)
	drawCode(pdf, code.Bitmap(), (width-side)/2, top, side)
	line(pdf, clean(s.Line), 28*unit, top+side+26*unit, width)
	line(pdf, clean(s.Advice), 18*unit, top+side+44*unit, width)
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write a poster: %w", err)
	}
	return out.Bytes(), nil
}

// line writes a text in the middle of the sheet, smaller if it would not fit. size is in points.
func line(pdf *fpdf.Fpdf, text string, size, y, width float64) {
	if text == "" {
		return
	}
	const margin = 0.9
	pdf.SetFont(family, "", size)
	if w := pdf.GetStringWidth(text); w > width*margin {
		pdf.SetFontSize(size * width * margin / w)
	}
	pdf.Text((width-pdf.GetStringWidth(text))/2, y, text)
}

// drawCode fills each run of dark modules in a row as one bar.
func drawCode(pdf *fpdf.Fpdf, bitmap [][]bool, x, y, side float64) {
	module := side / float64(len(bitmap))
	pdf.SetFillColor(0, 0, 0)
	for row, modules := range bitmap {
		for from := 0; from < len(modules); {
			to := from
			for to < len(modules) && modules[to] {
				to++
			}
			if to == from {
				from++
				continue
			}
			pdf.Rect(x+float64(from)*module, y+float64(row)*module, float64(to-from)*module, module, "F")
			from = to
		}
	}
}

// clean leaves out what no line of print has: control characters, and those beyond what the PDF writer can number.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r > 0xFFFF || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text))
}

func unpack() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packedFont))
	if err != nil {
		return nil, fmt.Errorf("open the font: %w", err)
	}
	font, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	return font, nil
}
