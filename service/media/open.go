package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

func errNotFound() error { return fault.New(fault.NotFound, "media_not_found") }

// Open gives the bytes of a media that the actor may see at this moment: one of a conversation in his scope, or his own
// upload that no reply has taken yet. Faults: not_found media_not_found and media_failed, conflict not_ready,
// unavailable media_store. ctx must last as long as the reading.
func (s *Service) Open(ctx context.Context, actor access.Actor, id string) (io.ReadSeekCloser, model.Media, error) {
	m, err := s.find(ctx, actor, id)
	if err != nil {
		return nil, m, err
	}
	switch m.State {
	case model.MediaReady:
	case model.MediaFailed:
		return nil, m, fault.New(fault.NotFound, "media_failed")
	default:
		return nil, m, fault.New(fault.Conflict, "not_ready")
	}
	r, err := s.store.Open(ctx, m.BlobKey)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, m, fmt.Errorf("open media %s: %w", m.ID, err) // a row without its bytes is a fault of ours
	case err != nil:
		return nil, m, fault.New(fault.Unavailable, "media_store").Because(err)
	}
	return r, m, nil
}

// Bytes gives the bytes of a media of a member whom the caller has looked up in his scope, for the file of all his data.
func (s *Service) Bytes(ctx context.Context, m model.Media) (io.ReadSeekCloser, error) {
	r, err := s.store.Open(ctx, m.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open media %s: %w", m.ID, err)
	}
	return r, nil
}

func (s *Service) find(ctx context.Context, actor access.Actor, id string) (m model.Media, err error) {
	if !model.ValidID(id) {
		return m, errNotFound()
	}
	scope := actor.Conversations(s.db.Now().UnixMilli())
	conversations := s.db.Read(ctx).Table("conversations").Select("conversations.id").Where(scope.SQL, scope.Args...)
	err = s.db.Read(ctx).Where("id = ? AND account_id = ?", id, actor.AccountID).
		Where("(conversation_id IN (?) OR conversation_id = '' AND direction = ? AND staff_id = ?)",
			conversations, model.Out, actor.StaffID).
		Take(&m).Error
	if database.IsNotFound(err) {
		return m, errNotFound()
	}
	if err != nil {
		return m, fmt.Errorf("find media: %w", err)
	}
	return m, nil
}

// AttachTx gives an upload to the reply that shows it. It must be the actor's own, of that kind, and not taken by
// another message; otherwise the input is wrong (media_id: not_found).
func (s *Service) AttachTx(tx *database.Tx, actor access.Actor, mediaID, conversationID, messageID, kind string) error {
	if !model.ValidID(mediaID) {
		return fault.Missing("media_id")
	}
	r := tx.Model(&model.Media{}).
		Where("id = ? AND account_id = ? AND staff_id = ? AND direction = ?", mediaID, actor.AccountID, actor.StaffID, model.Out).
		Where("state = ? AND kind = ? AND message_id = '' AND conversation_id = ''", model.MediaReady, kind).
		Updates(map[string]any{"conversation_id": conversationID, "message_id": messageID})
	if r.Error != nil {
		return fmt.Errorf("attach media: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return fault.Missing("media_id")
	}
	return nil
}

// ByMessages gives the media that messages show, by the ids of the messages; those without are left out. The caller has
// made sure that the messages may be seen.
func (s *Service) ByMessages(ctx context.Context, messageIDs []string) (map[string]model.Media, error) {
	if len(messageIDs) == 0 {
		return map[string]model.Media{}, nil
	}
	var shown []model.Message
	err := s.db.Read(ctx).Select("id", "media_id").Where("id IN ? AND media_id <> ''", messageIDs).Find(&shown).Error
	if err != nil {
		return nil, fmt.Errorf("find which media messages show: %w", err)
	}
	ids := make([]string, len(shown))
	for i, m := range shown {
		ids[i] = m.MediaID
	}
	var rows []model.Media
	if len(ids) > 0 {
		if err := s.db.Read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read media: %w", err)
		}
	}
	byID := make(map[string]model.Media, len(rows))
	for _, m := range rows {
		byID[m.ID] = m
	}
	out := make(map[string]model.Media, len(shown))
	for _, m := range shown {
		if row, ok := byID[m.MediaID]; ok {
			out[m.ID] = row
		}
	}
	return out, nil
}
