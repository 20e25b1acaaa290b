package handover

import (
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// kept is a draft on its way from one person to another.
type kept struct{ ConversationID, StaffID, ToID string }

// passDrafts gives what the clerk has typed to his members and not sent to their receivers. Where a receiver has typed
// something himself, that stays and so does the clerk's, with the clerk.
func passDrafts(tx *database.Tx, h model.Handover) error {
	var rows []kept
	err := tx.Model(&model.Draft{}).
		Select("drafts.conversation_id, drafts.staff_id, handover_moves.to_clerk_id AS to_id").
		Joins("JOIN conversations ON conversations.id = drafts.conversation_id").
		Joins("JOIN handover_moves ON handover_moves.handover_id = ? AND handover_moves.result = '' AND handover_moves.member_id = conversations.member_id", h.ID).
		Joins("LEFT JOIN drafts AS own ON own.conversation_id = drafts.conversation_id AND own.staff_id = handover_moves.to_clerk_id").
		Where("drafts.staff_id = ? AND own.staff_id IS NULL", h.FromClerkID).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("find drafts: %w", err)
	}
	return giveDrafts(tx, rows, h.ID)
}

// returnDrafts gives the clerk back what he had typed, as far as the receivers have left it as it was and he has not
// typed something else since.
func returnDrafts(tx *database.Tx, h model.Handover) error {
	var rows []kept
	err := tx.Model(&model.Draft{}).
		Select("drafts.conversation_id, drafts.staff_id, ? AS to_id", h.FromClerkID).
		Joins("JOIN conversations ON conversations.id = drafts.conversation_id").
		Joins("JOIN handover_moves ON handover_moves.handover_id = ? AND handover_moves.result = '' AND handover_moves.member_id = conversations.member_id"+
			" AND handover_moves.to_clerk_id = drafts.staff_id", h.ID).
		Joins("LEFT JOIN drafts AS own ON own.conversation_id = drafts.conversation_id AND own.staff_id = ?", h.FromClerkID).
		Where("drafts.handover_id = ? AND own.staff_id IS NULL", h.ID).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("find drafts: %w", err)
	}
	return giveDrafts(tx, rows, "")
}

// giveDrafts changes whose the drafts are, and notes by which handover.
func giveDrafts(tx *database.Tx, rows []kept, handoverID string) error {
	of := map[kept][]string{}
	for _, r := range rows {
		pair := kept{StaffID: r.StaffID, ToID: r.ToID}
		of[pair] = append(of[pair], r.ConversationID)
	}
	for pair, ids := range of {
		for chunk := range slices.Chunk(ids, askRows) {
			err := tx.Model(&model.Draft{}).Where("staff_id = ? AND conversation_id IN ?", pair.StaffID, chunk).
				Updates(map[string]any{"staff_id": pair.ToID, "handover_id": handoverID}).Error
			if err != nil {
				return fmt.Errorf("give drafts: %w", err)
			}
		}
	}
	return nil
}
