package handover

import (
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
func (s *Service) announce(tx *database.Tx, h model.Handover, flows []flow) {
	gets := map[string]int64{}
	for _, f := range flows {
		gets[f.ToClerkID] += f.N
	}
	s.tell(tx, h)
	lost := feed.Event{AccountID: h.AccountID, Kind: "scope"}
	undone := h.State == model.HandoverUndone
	for _, id := range clerksIn(flows) {
		s.feed.PublishTx(tx, s.news(h, gets[id]), feed.Staff(id))
		if undone {
			s.feed.PublishTx(tx, lost, feed.Staff(id))
		} else {
			s.feed.PublishTx(tx, feed.Event{AccountID: h.AccountID, Kind: "todo"}, feed.Staff(id))
		}
	}
	if undone {
		s.feed.PublishTx(tx, s.news(h, h.Undone), feed.Staff(h.FromClerkID))
	} else {
		s.feed.PublishTx(tx, lost, feed.Staff(h.FromClerkID))
	}
	for _, store := range storesIn(flows) {
		s.feed.PublishTx(tx, feed.Event{AccountID: h.AccountID, Kind: feed.KindConversation}, feed.Store(store))
	}
}
