package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat"
)

// goodFor is how much longer WeChat must keep its copy for it to be sent once more.
const goodFor = time.Hour

// WeChatID gives the id that WeChat knows a media by. What WeChat will keep for another hour is not uploaded again,
// unless renew says that WeChat has refused that id. Errors of the call are *wechat.Error as they come; one of our
// database or store being away holds a *wechat.Error with ReactRetryLater; a media that is not there, or not ready, is
// any other error.
func (s *Service) WeChatID(ctx context.Context, api *wechat.API, mediaID string, renew bool) (string, error) {
	var m model.Media
	err := s.db.Read(ctx).Take(&m, "id = ? AND state = ?", mediaID, model.MediaReady).Error
	switch {
	case database.IsNotFound(err):
		return "", fmt.Errorf("find media to send: %w", errNotFound())
	case err != nil:
		return "", s.away(ctx, m.ID, fmt.Errorf("find media to send: %w", err))
	case !renew && m.WeChatMediaID != "" && m.WeChatUntil > model.Millis(s.db.Now().Add(goodFor)):
		return m.WeChatMediaID, nil
	}
	file, err := s.store.Open(ctx, m.BlobKey)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("open media to send: %w", err)
	case err != nil:
		return "", s.away(ctx, m.ID, fmt.Errorf("open media to send: %w", err))
	}
	defer func() { _ = file.Close() }()
	uploaded := s.db.Now()
	id, err := api.UploadMedia(ctx, uploadKind(m.Kind), m.ID+extension(m.ContentType), m.ContentType, m.Size, file)
	if err != nil {
		return "", err
	}
	// Whoever uploaded meanwhile may keep his: both ids are good. Not writing it down costs one more upload.
	_, err = s.db.Exec(ctx, "UPDATE media SET wechat_media_id = ?, wechat_until = ? WHERE id = ? AND wechat_until = ? AND wechat_media_id = ?",
		id, model.Millis(uploaded.Add(wechatKeeps)), m.ID, m.WeChatUntil, m.WeChatMediaID)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "upload to wechat not written down", slog.String("media_id", m.ID), slog.Any("error", err))
	}
	return id, nil
}

// away says that the same may work later, in the words that whoever sends goes by.
func (s *Service) away(ctx context.Context, mediaID string, err error) error {
	s.log.LogAttrs(ctx, slog.LevelWarn, "media not read for sending", slog.String("media_id", mediaID), slog.Any("error", err))
	return fmt.Errorf("%w: %w", err, &wechat.Error{API: "media/upload", Reaction: wechat.ReactRetryLater, Reason: "source_failed"})
}

func uploadKind(kind string) string {
	switch kind {
	case model.KindVoice:
		return wechat.KindVoice
	case model.KindVideo, model.KindShortVideo:
		return wechat.KindVideo
	default:
		return wechat.KindImage
	}
}

// extension is what WeChat takes the type of an upload from.
func extension(contentType string) string {
	switch contentType {
	case typeJPEG:
		return ".jpg"
	case typePNG:
		return ".png"
	case typeGIF:
		return ".gif"
	case typeAMR:
		return ".amr"
	case typeMP3:
		return ".mp3"
	case typeMP4:
		return ".mp4"
	default:
		return ""
	}
}
