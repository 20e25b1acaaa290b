package handover

import (
	"fmt"
	"strconv"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
)

// event is the kind of what is told about handovers.
const event = "handover"

// tell lets the screens of those who manage the handover look again.
func (s *Service) tell(tx *database.Tx, h model.Handover) {
	s.feed.PublishTx(tx, s.news(h, 0), feed.Staff(h.CreatedBy), feed.Staff(h.RunBy), feed.Staff(h.UndoBy), feed.Store(h.StoreID))
}

func (s *Service) news(h model.Handover, members int64) feed.Event {
	data := map[string]string{"handover_id": h.ID, "state": h.State, "from_clerk_id": h.FromClerkID}
	if members > 0 {
		data["members"] = strconv.FormatInt(members, 10)
	}
	return feed.Event{AccountID: h.AccountID, Kind: event, Data: data}
}

// announce tells, once each and not per member, who got members, who lost them, and the stores' watchers.
func (s *Service) announce(tx *database.Tx, h model.Handover) error {
	var gets []struct {
		ToClerkID string
		N         int64
	}
	err := tx.Model(&model.Move{}).Select("to_clerk_id, COUNT(*) AS n").Where("handover_id = ? AND result = ''", h.ID).
		Group("to_clerk_id").Scan(&gets).Error
	if err != nil {
		return fmt.Errorf("count what each receiver got: %w", err)
	}
	s.tell(tx, h)
	lost := feed.Event{AccountID: h.AccountID, Kind: "scope"}
	undone := h.State == model.HandoverUndone
	for _, g := range gets {
		s.feed.PublishTx(tx, s.news(h, g.N), feed.Staff(g.ToClerkID))
		if undone {
			s.feed.PublishTx(tx, lost, feed.Staff(g.ToClerkID))
		} else {
			s.feed.PublishTx(tx, feed.Event{AccountID: h.AccountID, Kind: "todo"}, feed.Staff(g.ToClerkID))
		}
	}
	if undone {
		s.feed.PublishTx(tx, s.news(h, h.Undone), feed.Staff(h.FromClerkID))
	} else {
		s.feed.PublishTx(tx, lost, feed.Staff(h.FromClerkID))
	}
	var stores []string
	err = tx.Raw("SELECT from_store_id FROM handover_moves WHERE handover_id = ? UNION SELECT to_store_id FROM handover_moves WHERE handover_id = ?", h.ID, h.ID).
		Scan(&stores).Error
	if err != nil {
		return fmt.Errorf("find the stores: %w", err)
	}
	for _, store := range stores {
		s.feed.PublishTx(tx, feed.Event{AccountID: h.AccountID, Kind: feed.KindConversation}, feed.Store(store))
	}
	return nil
}
