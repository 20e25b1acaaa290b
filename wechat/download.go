package wechat

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
)

const apiMediaGet = "media/get"

// DownloadMedia writes a temporary media to w and gives its type as WeChat states it, and its size. More than limit bytes
// end in an error that wraps ErrTooLarge; a failure of w is wrapped too. After an error w may hold a part. Errors: *Error.
func (a *API) DownloadMedia(
	ctx context.Context, mediaID string, limit int64, w io.Writer,
) (contentType string, n int64, err error) {
	if mediaID == "" || limit <= 0 {
		return "", 0, badInput(apiMediaGet)
	}
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	r := request{
		api: apiMediaGet, method: http.MethodGet, path: "/cgi-bin/media/get", query: url.Values{"media_id": {mediaID}},
	}
	d := download{limit: limit, w: w}
	var video string
	err = a.call(ctx, r, func(got reply) (err error) {
		video, err = d.takeMedia(ctx, r, got)
		return err
	})
	if err != nil || video == "" {
		return d.contentType, d.n, err
	}
	err = a.client.fetchVideo(ctx, r, video, &d)
	return d.contentType, d.n, err
}

// download takes one file.
type download struct {
	limit       int64
	w           io.Writer
	contentType string
	n           int64
}

// takeMedia takes the file itself, or WeChat's JSON: an error, sent with status 200, or a video's address. It goes by
// the first byte, because WeChat labels its JSON as text/plain too; no picture, voice or video begins with a brace.
func (d *download) takeMedia(ctx context.Context, r request, got reply) (video string, err error) {
	body := bufio.NewReader(got.body)
	first, err := body.Peek(1)
	if err != nil {
		if errors.Is(err, io.EOF) {
			return "", &Error{API: r.api, Reason: reasonBadAnswer, Reaction: ReactRetryLater, transport: true}
		}
		return "", failed(ctx, r, true, err)
	}
	if first[0] != '{' {
		return "", d.copy(ctx, r, reply{kind: got.kind, length: got.length, body: body})
	}
	text, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err != nil {
		return "", failed(ctx, r, true, err)
	}
	var out struct {
		Video json.RawMessage `json:"video_url"`
	}
	if err := readAnswer(r, text, &out); err != nil {
		return "", err
	}
	if json.Unmarshal(out.Video, &video) != nil || video == "" {
		return "", &Error{API: r.api, Reason: reasonBadAnswer, Reaction: ReactRetryLater}
	}
	return video, nil
}

func (d *download) copy(ctx context.Context, r request, got reply) error {
	tooLarge := &Error{API: r.api, Reason: reasonTooLarge, Reaction: ReactGiveUp, cause: ErrTooLarge}
	if got.length > d.limit {
		return tooLarge
	}
	d.contentType = got.kind
	sink := &sink{w: d.w}
	n, err := io.Copy(sink, io.LimitReader(got.body, d.limit))
	d.n = n
	switch {
	case sink.err != nil:
		return &Error{API: r.api, Reason: reasonSink, Reaction: ReactRetryLater, cause: sink.err}
	case err != nil:
		return failed(ctx, r, true, err)
	}
	if extra, _ := got.body.Read(make([]byte, 1)); extra > 0 {
		return tooLarge
	}
	return nil
}

// sink keeps the writer's own error apart from the network's.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
