package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
	"liuke/service/media"
)

// The smallest things that pass for a voice or a video.
const (
	amr = "#!AMR\n\x3c\x91\x17\x16\xbe\x66\x79"
	mp3 = "\xff\xfb\x90\x64\x00\x00\x00\x00"
	mp4 = "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41\x00\x00\x00\x08mdat"
)

// One frame of 20 ms at 12.2 kbit/s, and the longest voice that may be sent.
var (
	frame  = "\x3c" + strings.Repeat("\x00", 31)
	minute = "#!AMR\n" + strings.Repeat(frame, 3000)
)

func jpegPicture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	return b.Bytes()
}

func gifPicture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.White, color.Black}), nil))
	return b.Bytes()
}

func TestUpload_keepsWhatMayBeSent(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		me := w.clerk()
		for _, c := range []struct{ kind, contentType, file string }{
			{model.KindImage, "image/png", string(picture(t, 100, 100))},
			{model.KindImage, "image/jpeg", string(jpegPicture(t))},
			{model.KindImage, "image/gif", string(gifPicture(t))},
			{model.KindImage, "image/png", padded(picture(t, 1, 1), model.MaxImageBytes)},
			{model.KindVoice, "audio/amr", amr},
			{model.KindVoice, "audio/amr", minute},
			{model.KindVoice, "audio/mpeg", mp3},
			{model.KindVoice, "audio/mpeg", "ID3\x04\x00\x00"},
			{model.KindVideo, "video/mp4", padded([]byte(mp4), model.MaxVideoBytes)},
		} {
			m, err := w.s.Upload(t.Context(), me, c.kind, iotest.HalfReader(strings.NewReader(c.file)))
			require.NoError(t, err, c.contentType)
			if c.kind == model.KindImage {
				c.file = strings.TrimRight(c.file, "\x00") // what hung behind the end is gone
			}
			sum := sha256.Sum256([]byte(c.file))
			require.Equal(t, m, w.row(m.ID))
			require.Equal(t, []string{model.Out, c.kind, model.MediaReady, c.contentType, hex.EncodeToString(sum[:]), me.StaffID, ""},
				[]string{m.Direction, m.Kind, m.State, m.ContentType, m.SHA256, m.StaffID, m.ConversationID})
			require.EqualValues(t, len(c.file), m.Size)
			kept, err := w.read(me, m.ID)
			require.NoError(t, err)
			require.True(t, bytes.Equal([]byte(c.file), kept))
		}
		var n int64
		require.NoError(t, w.db.Read(t.Context()).Model(&model.Audit{}).Where("action = 'media.upload' AND actor_id = ?", me.StaffID).Count(&n).Error)
		require.EqualValues(t, 9, n)
		require.Empty(t, w.done, "that is for what members sent")
	})
}

// padded makes a file that long.
func padded(file []byte, size int) string {
	return string(file) + strings.Repeat("\x00", size-len(file))
}

func TestUpload_refuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	png := string(picture(t, 2, 2))
	huge := []byte(png)
	copy(huge[16:24], "\x00\x00\x20\x00\x00\x00\x20\x00") // says 8192 x 8192 pixels, and its checksum is wrong as well
	cases := map[string]struct {
		kind, file string
		fault      fault.Kind
		reason     string
	}{
		"no kind":                      {"", png, fault.Invalid, "invalid_input"},
		"a note":                       {model.KindNote, png, fault.Invalid, "invalid_input"},
		"nothing":                      {model.KindImage, "", fault.Unacceptable, "wrong_type"},
		"text":                         {model.KindImage, "just text", fault.Unacceptable, "wrong_type"},
		"html":                         {model.KindImage, "<html><script>alert(1)</script>", fault.Unacceptable, "wrong_type"},
		"svg":                          {model.KindImage, `<svg xmlns="http://www.w3.org/2000/svg"/>`, fault.Unacceptable, "wrong_type"},
		"webp":                         {model.KindImage, "RIFF\x00\x00\x00\x00WEBPVP8 ", fault.Unacceptable, "wrong_type"},
		"a program":                    {model.KindVoice, "MZ\x90\x00\x03", fault.Unacceptable, "wrong_type"},
		"a video as a picture":         {model.KindImage, mp4, fault.Unacceptable, "wrong_type"},
		"a picture as a voice":         {model.KindVoice, png, fault.Unacceptable, "wrong_type"},
		"a picture as a video":         {model.KindVideo, png, fault.Unacceptable, "wrong_type"},
		"quicktime":                    {model.KindVideo, "\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", fault.Unacceptable, "wrong_type"},
		"sound in an mp4":              {model.KindVideo, "\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00isommp42", fault.Unacceptable, "wrong_type"},
		"a wide voice":                 {model.KindVoice, "#!AMR-WB\n\x04", fault.Unacceptable, "wrong_type"},
		"only the mark of a picture":   {model.KindImage, "\x89PNG\r\n\x1a\n", fault.Unacceptable, "wrong_type"},
		"a picture of too many pixels": {model.KindImage, string(huge), fault.Unacceptable, "wrong_type"},
		"a picture too large":          {model.KindImage, padded([]byte(png), model.MaxImageBytes+1), fault.TooLarge, "too_large"},
		"a voice too large":            {model.KindVoice, padded([]byte(mp3), model.MaxVoiceBytes+1), fault.TooLarge, "too_large"},
		"a voice too long":             {model.KindVoice, minute + frame, fault.Invalid, "invalid_input"},
		"a video too large":            {model.KindVideo, padded([]byte(mp4), model.MaxVideoBytes+1), fault.TooLarge, "too_large"},
	}
	for name, c := range cases {
		_, err := w.s.Upload(t.Context(), w.clerk(), c.kind, strings.NewReader(c.file))
		require.Error(t, err, name)
		refused(t, err, c.fault, c.reason)
	}
	broken := io.MultiReader(strings.NewReader(amr), iotest.ErrReader(errors.New("gone")))
	_, err := w.s.Upload(t.Context(), w.clerk(), model.KindVoice, broken)
	refused(t, err, fault.Invalid, "body_cut")
	require.NoError(t, w.store.List(t.Context(), func(key string, _ int64) error { return errors.New(key) }), "nothing is left over")
	var rows int64
	require.NoError(t, w.db.Read(t.Context()).Model(&model.Media{}).Count(&rows).Error)
	require.Zero(t, rows)

	full := &brokenStore{Store: w.store}
	full.fail.Store(true)
	_, err = w.instance(full).Upload(t.Context(), w.clerk(), model.KindVoice, strings.NewReader(amr))
	refused(t, err, fault.Unavailable, "media_store")
}

func TestUpload_countsPixelsNotBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	_, err := w.s.Upload(t.Context(), w.clerk(), model.KindImage, bytes.NewReader(picture(t, 8000, 5000)))
	require.NoError(t, err)
	_, err = w.s.Upload(t.Context(), w.clerk(), model.KindImage, bytes.NewReader(picture(t, 8000, 5001)))
	refused(t, err, fault.Unacceptable, "wrong_type")
}

// hurried hangs up when the bytes are kept but no row is.
type hurried struct {
	media.Store
	leave context.CancelFunc
}

func (h hurried) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	defer h.leave()
	return h.Store.Put(ctx, key, r, size)
}

func TestUpload_leavesNothingWhenItsRowFails(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err := w.instance(hurried{w.store, cancel}).Upload(ctx, w.clerk(), model.KindVoice, strings.NewReader(amr))
		require.Error(t, err)
		require.Empty(t, listed(t, w.store))
	})
}
