package wechat

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
)

const apiMediaUpload = "media/upload"

// UploadMedia uploads a temporary media of kind image, voice, video or thumb, of exactly size bytes, and gives the id,
// good for 3 days and any number of messages. If r is an io.Seeker, a refused access token is survived without the
// caller; otherwise that ends in ReactRetryLater. r is not
// read after the return. Errors: *Error.
func (a *API) UploadMedia(
	ctx context.Context, kind, filename, contentType string, size int64, r io.Reader,
) (mediaID string, err error) {
	switch kind {
	case KindImage, KindVoice, KindVideo, KindThumb:
	default:
		return "", badInput(apiMediaUpload)
	}
	form, err := newForm(filename, contentType, size, r)
	if err != nil {
		return "", badInput(apiMediaUpload)
	}
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	var out struct {
		MediaID string `json:"media_id"`
		ThumbID string `json:"thumb_media_id"`
	}
	upload := request{
		api: apiMediaUpload, method: http.MethodPost, path: "/cgi-bin/media/upload", query: url.Values{"type": {kind}},
		contentType: form.contentType, open: form.open, size: form.size,
	}
	if err := a.call(ctx, upload, takeJSON(ctx, upload, &out)); err != nil {
		return "", err
	}
	if kind == KindThumb && out.MediaID == "" {
		out.MediaID = out.ThumbID
	}
	if out.MediaID == "" {
		return "", &Error{API: apiMediaUpload, Reaction: ReactRetryLater, Reason: reasonBadAnswer}
	}
	return out.MediaID, nil
}

// form is a multipart body around a file that is streamed, with its length known beforehand, as WeChat wants it.
type form struct {
	contentType string
	size        int64
	head, tail  []byte
	file        io.Reader
	start       int64
	runs        int
	fileSize    int64
}

func newForm(filename, contentType string, size int64, file io.Reader) (*form, error) {
	if size <= 0 {
		return nil, fmt.Errorf("size %d of an upload", size)
	}
	f := &form{file: file, fileSize: size}
	if seeker, ok := file.(io.Seeker); ok {
		at, err := seeker.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, fmt.Errorf("find the start of an upload: %w", err)
		}
		f.start = at
	}
	var text bytes.Buffer
	writer := multipart.NewWriter(&text)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("media", filename))
	header.Set("Content-Type", contentType)
	if _, err := writer.CreatePart(header); err != nil {
		return nil, fmt.Errorf("start the form of an upload: %w", err)
	}
	split := text.Len()
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("end the form of an upload: %w", err)
	}
	f.head, f.tail = text.Bytes()[:split], text.Bytes()[split:]
	f.contentType = writer.FormDataContentType()
	f.size = int64(text.Len()) + size
	return f, nil
}

func (f *form) open() (io.Reader, bool) {
	f.runs++
	if f.runs > 1 {
		seeker, ok := f.file.(io.Seeker)
		if !ok {
			return nil, false
		}
		if _, err := seeker.Seek(f.start, io.SeekStart); err != nil {
			return nil, false
		}
	}
	file := io.LimitReader(f.file, f.fileSize)
	return io.MultiReader(bytes.NewReader(f.head), file, bytes.NewReader(f.tail)), true
}
