package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// maxPixels is the largest picture that is taken: a small file can stand for far more than a phone can show.
const maxPixels = 40_000_000

// rule is what may be uploaded of one kind (fact page, section 11).
type rule struct {
	size  int64
	types string
}

func ruleOf(kind string) (rule, bool) {
	switch kind {
	case model.KindImage:
		return rule{model.MaxImageBytes, typeJPEG + " " + typePNG + " " + typeGIF}, true
	case model.KindVoice:
		return rule{model.MaxVoiceBytes, typeAMR + " " + typeMP3}, true
	case model.KindVideo:
		return rule{model.MaxVideoBytes, typeMP4}, true
	default:
		return rule{}, false
	}
}

func (r rule) takes(contentType string) bool {
	for t := range strings.FieldsSeq(r.types) {
		if t == contentType {
			return true
		}
	}
	return false
}

func errTooLarge() *fault.Error  { return fault.New(fault.TooLarge, "too_large") }
func errWrongType() *fault.Error { return fault.New(fault.Unacceptable, "wrong_type") }

// Upload keeps a picture (png, jpeg, gif), voice (amr, mp3) or video (mp4) for a reply; a picture without what it says of
// place, time and phone. Faults: input kind; input file
// too_long for an amr over model.MaxVoiceSeconds (the length of an mp3 is left to WeChat); too_large over
// model.MaxImageBytes and its like; unacceptable wrong_type for other content or a picture over 40 megapixels;
// invalid body_cut when r fails; unavailable media_store.
func (s *Service) Upload(ctx context.Context, actor access.Actor, kind string, r io.Reader) (model.Media, error) {
	rule, ok := ruleOf(kind)
	if !ok {
		return model.Media{}, fault.Input("kind", "unknown")
	}
	body := &bounded{from: r, left: rule.size}
	got := &copied{from: body}
	checked, contentType, err := check(got, rule)
	if err != nil {
		return model.Media{}, body.explain(err)
	}
	m := model.Media{
		ID: model.NewID(), AccountID: actor.AccountID, StaffID: actor.StaffID, Direction: model.Out, Kind: kind,
		State: model.MediaReady, ContentType: contentType, CreatedAt: model.Millis(s.db.Now()),
	}
	m.BlobKey = blobKey(m)
	switch {
	case contentType == typeAMR:
		checked = &spoken{from: checked, body: body, left: len(amrMagic)}
	case kind == model.KindImage:
		bare, err := withoutMetadata(contentType, checked)
		if err != nil {
			return model.Media{}, body.explain(err)
		}
		got = &copied{from: bytes.NewReader(bare)}
		checked = got
	}
	if err := s.store.Put(ctx, m.BlobKey, checked, -1); err != nil {
		if body.failed != nil {
			return model.Media{}, body.explain(err)
		}
		return model.Media{}, fault.New(fault.Unavailable, "media_store").Because(err)
	}
	m.Size, m.SHA256 = got.size, got.sum()
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := tx.Create(&m).Error; err != nil {
			return fmt.Errorf("write down an upload: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "media.upload", Object: "media", ObjectID: m.ID, Detail: kind})
	})
	if err != nil {
		s.discard(ctx, m.BlobKey)
		return model.Media{}, err
	}
	return m, nil
}

// discard removes what no row names.
func (s *Service) discard(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if err := s.store.Delete(ctx, key); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "upload not removed", slog.String("key", key), slog.Any("error", err))
	}
}

// check reads as far as it must to know the content and gives a reader of all of it.
func check(r io.Reader, rule rule) (whole io.Reader, contentType string, err error) {
	var seen bytes.Buffer
	if _, err := io.CopyN(&seen, r, sniffBytes); err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	contentType = typeOf(seen.Bytes())
	if !rule.takes(contentType) {
		return nil, "", errWrongType()
	}
	if strings.HasPrefix(contentType, "image/") {
		start := bytes.NewReader(bytes.Clone(seen.Bytes()))
		if err := checkPicture(contentType, io.MultiReader(start, io.TeeReader(r, &seen))); err != nil {
			return nil, "", err
		}
	}
	return io.MultiReader(&seen, r), contentType, nil
}

// checkPicture reads the picture's head; only as much is kept in memory as it is long.
func checkPicture(contentType string, r io.Reader) error {
	var size image.Config
	var err error
	switch contentType {
	case typePNG:
		size, err = png.DecodeConfig(r)
	case typeJPEG:
		size, err = jpeg.DecodeConfig(r)
	default:
		size, err = gif.DecodeConfig(r)
	}
	if err != nil {
		return errWrongType().Because(err)
	}
	if size.Width <= 0 || size.Height <= 0 || int64(size.Width)*int64(size.Height) > maxPixels {
		return errWrongType()
	}
	return nil
}

// bounded fails once more than left bytes have come, and remembers why reading ended.
type bounded struct {
	from   io.Reader
	left   int64
	failed error
}

// Read reads on.
func (b *bounded) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	n, err := b.from.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		b.failed = errTooLarge()
		return 0, b.failed
	case err != nil && !errors.Is(err, io.EOF):
		b.failed = fault.New(fault.Invalid, "body_cut").Because(err)
		return n, b.failed
	}
	return n, err
}

// explain prefers what went wrong with the body over what that led to.
func (b *bounded) explain(err error) error {
	if b.failed != nil {
		return b.failed
	}
	return err
}
