package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
)

// where is what no member may get to read.
const where = "GPS 31.2304N 121.4737E"

// speckled is a picture whose pixels can be told apart.
func speckled() *image.Paletted {
	p := image.NewPaletted(image.Rect(0, 0, 16, 8), color.Palette{color.White, color.Black, color.RGBA{200, 30, 30, 255}})
	for i := range p.Pix {
		p.Pix[i] = uint8(i * 7 % 3)
	}
	return p
}

func jpegSegment(mark byte, body string) []byte {
	out := []byte{0xFF, mark, 0, 0}
	binary.BigEndian.PutUint16(out[2:], uint16(2+len(body)))
	return append(out, body...)
}

// exif says how the phone was held and where it was.
func exif(order binary.AppendByteOrder, turned uint16) string {
	mark := "II"
	if order.String() == binary.BigEndian.String() {
		mark = "MM"
	}
	b := []byte(exifMark + mark)
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][4]uint32{{0x010F, 2, uint32(len(where)), 38}, {tagTurning, 3, 1, 0}} {
		b = order.AppendUint16(b, uint16(e[0]))
		b = order.AppendUint16(b, uint16(e[1]))
		b = order.AppendUint32(b, e[2])
		if e[0] == tagTurning {
			b = order.AppendUint16(b, turned)
			b = order.AppendUint16(b, 0)
		} else {
			b = order.AppendUint32(b, e[3])
		}
	}
	return string(order.AppendUint32(b, 0)) + where
}

func TestPictures_tellNothingButWhatTheyShow(t *testing.T) {
	t.Parallel()
	var j, p, g bytes.Buffer
	require.NoError(t, jpeg.Encode(&j, speckled(), nil))
	require.NoError(t, png.Encode(&p, speckled()))
	require.NoError(t, gif.EncodeAll(&g, &gif.GIF{Image: []*image.Paletted{speckled(), speckled()}, Delay: []int{7, 9}, LoopCount: 3}))

	chunk := []byte("\x00\x00\x00\x00tEXt" + where)
	binary.BigEndian.PutUint32(chunk, uint32(len(where)))
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	comment := append([]byte{gifExtension, 0xFE, byte(len(where))}, where+"\x00"...)
	program := append([]byte{gifExtension, gifProgram, 11}, "XMP DataXMP"+string(rune(len(where)))+where+"\x00"...)

	for _, c := range []struct {
		kind  string
		plain []byte
		at    int // where the rest goes in
		rest  [][]byte
	}{
		{typeJPEG, j.Bytes(), 2, [][]byte{
			jpegSegment(markApp1, exif(binary.LittleEndian, 1)), jpegSegment(markApp1, "http://ns.adobe.com/xap/1.0/\x00"+where),
			jpegSegment(0xED, "Photoshop 3.0\x00"+where), jpegSegment(markComment, where),
		}},
		{typePNG, p.Bytes(), 33, [][]byte{chunk}},
		{typeGIF, g.Bytes(), gifHead + colours(g.Bytes()[10]), [][]byte{comment, program}},
	} {
		told := append(bytes.Clone(c.plain[:c.at]), bytes.Join(c.rest, nil)...)
		told = append(append(told, c.plain[c.at:]...), "PK\x03\x04"+where...)
		got, err := withoutMetadata(c.kind, bytes.NewReader(told))
		require.NoError(t, err, c.kind)
		require.Equal(t, c.plain, got, c.kind)
		for cut := 1; cut < len(told)-len(where)-4; cut += 5 { // whatever is cut off ends in words, not in a crash
			bare, err := withoutMetadata(c.kind, bytes.NewReader(told[:cut]))
			require.True(t, err != nil || !bytes.Contains(bare, []byte(where)), "%s cut at %d", c.kind, cut)
		}
	}
}

func TestPictures_stayTheRightWayUp(t *testing.T) {
	t.Parallel()
	var plain bytes.Buffer
	require.NoError(t, jpeg.Encode(&plain, speckled(), nil))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		told := append(bytes.Clone(plain.Bytes()[:2]), jpegSegment(markApp1, exif(order, 6))...)
		told = append(told, plain.Bytes()[2:]...)
		got, err := withoutMetadata(typeJPEG, bytes.NewReader(told))
		require.NoError(t, err)
		require.NotContains(t, string(got), where)
		segment, ok := segmentAt(got, 2)
		require.True(t, ok)
		require.EqualValues(t, markApp1, segment[1])
		require.EqualValues(t, 6, turning(segment[4:]))
		_, err = jpeg.Decode(bytes.NewReader(got))
		require.NoError(t, err)
	}
}
