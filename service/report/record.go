package report

import (
	"fmt"
	"math"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
	"liuke/wechat"
)

// insertRows is how many rows go into one statement.
const insertRows = 500

func recordTx(tx *database.Tx, facts []model.ReportFact) error {
	if len(facts) == 0 {
		return nil
	}
	for i := range facts {
		facts[i].ID = model.NewID()
	}
	if err := tx.CreateInBatches(&facts, insertRows).Error; err != nil {
		return fmt.Errorf("write facts down: %w", err)
	}
	return nil
}

// HeardTx counts members' messages. They count for who the members belonged to when they came in, though a handover may
// have run since (E14).
func (s *Service) HeardTx(tx *database.Tx, all []inbound.Heard) error {
	facts := make([]model.ReportFact, len(all))
	bound := make(map[string]int64, len(all))
	for i, h := range all {
		bound[h.MemberID] = h.BoundAt
		facts[i] = model.ReportFact{AccountID: h.AccountID, StoreID: h.StoreID, ClerkID: h.ClerkID, MemberID: h.MemberID, At: h.ReceivedAt}
	}
	if err := creditThen(tx, bound, facts); err != nil {
		return err
	}
	sums := map[model.ReportSum]*model.ReportSum{}
	var rows []*model.ReportSum
	for _, f := range facts {
		of := model.ReportSum{AccountID: f.AccountID, StoreID: f.StoreID, ClerkID: f.ClerkID, At: f.At - f.At%model.SumMillis}
		if sums[of] == nil {
			sum := of
			sum.ID = model.NewID()
			sums[of] = &sum
			rows = append(rows, &sum)
		}
		sums[of].MessagesIn++
	}
	if err := tx.CreateInBatches(&rows, insertRows).Error; err != nil {
		return fmt.Errorf("sum messages up: %w", err)
	}
	return nil
}

// EventTx counts scans and unfollows. It stands behind the rooms that take them.
func (s *Service) EventTx(tx *database.Tx, batch []inbound.Received) error {
	var facts []model.ReportFact
	for _, r := range batch {
		scene, left := "", false
		switch b := r.Push.Body.(type) {
		case wechat.Subscribe:
			scene = b.Scene
		case wechat.Scan:
			scene = b.Scene
		case wechat.Unsubscribe:
			left = true
		}
		if scene == "" && !left {
			continue
		}
		p, known, err := personOf(tx, r)
		if err != nil {
			return err
		}
		switch {
		case !known:
		case left:
			lost := []model.ReportFact{p.fact(model.FactUnfollow, r.ReceivedAt)}
			if err := creditThen(tx, map[string]int64{p.MemberID: p.BoundAt}, lost); err != nil {
				return err
			}
			facts = append(facts, lost...)
		default:
			scans, err := scansOf(tx, r, p)
			if err != nil {
				return err
			}
			facts = append(facts, scans...)
		}
	}
	return recordTx(tx, facts)
}

// scansOf finds what was recorded about the scan that a push told of: it counts for the store and clerk it led to.
func scansOf(tx *database.Tx, r inbound.Received, p person) ([]model.ReportFact, error) {
	var scans []model.Scan
	err := tx.Where("account_id = ? AND at = ? AND follower_id = ?", r.AccountID, r.ReceivedAt, p.FollowerID).Find(&scans).Error
	if err != nil {
		return nil, fmt.Errorf("find a scan: %w", err)
	}
	facts := make([]model.ReportFact, len(scans))
	for i, scan := range scans {
		facts[i] = p.fact(model.FactScan, r.ReceivedAt)
		facts[i].StoreID, facts[i].ClerkID = scan.StoreID, scan.ClerkID
	}
	return facts, nil
}

// creditThen gives facts to who had their members at that time; bound says since when each member has who has him now. Who had
// nobody then counts for who has him now: he came with the very push, or one just before it.
func creditThen(tx *database.Tx, bound map[string]int64, facts []model.ReportFact) error {
	first, last := int64(math.MaxInt64), int64(0)
	var moved []string // or unbound now; of most this is not so
	for _, f := range facts {
		if at := bound[f.MemberID]; at == 0 || at > f.At {
			moved, first, last = append(moved, f.MemberID), min(first, f.At), max(last, f.At)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	var bindings []model.Binding
	err := tx.Select("member_id", "store_id", "clerk_id", "from_at", "to_at").
		Where("member_id IN ? AND from_at <= ? AND to_at > ?", moved, last, first).Order("from_at, id").Find(&bindings).Error
	if err != nil {
		return fmt.Errorf("find who had members then: %w", err)
	}
	for _, b := range bindings {
		for i, f := range facts {
			if f.MemberID == b.MemberID && b.FromAt <= f.At && f.At < b.ToAt {
				facts[i].StoreID, facts[i].ClerkID = b.StoreID, b.ClerkID
			}
		}
	}
	return nil
}

// NewMemberTx counts a new member. To whom he belongs is seen when he is counted, for he is given to somebody later in
// this transaction, or merged into one who was counted before. What happens to him after it no longer matters.
func (s *Service) NewMemberTx(tx *database.Tx, m model.Member) error {
	return recordTx(tx, []model.ReportFact{{AccountID: m.AccountID, Kind: model.FactNewMember, MemberID: m.ID, At: tx.Millis()}})
}

// DeliveredTx counts an answer that WeChat accepted for who wrote it and, if the member was waiting for one, how long
// he had waited. It must stand before the room that ends his waiting; the conversation is locked by then.
func (s *Service) DeliveredTx(tx *database.Tx, d model.Delivery) error {
	if d.State != model.StateAccepted || d.Purpose != model.PurposeReply || d.ConversationID == "" {
		return nil
	}
	var c model.Conversation
	if err := tx.First(&c, "id = ?", d.ConversationID).Error; err != nil {
		return fmt.Errorf("read conversation: %w", err)
	}
	fact := model.ReportFact{
		AccountID: c.AccountID, Kind: model.FactOut, StoreID: c.StoreID, ClerkID: d.AuthorID, MemberID: c.MemberID, At: tx.Millis(),
	}
	facts := []model.ReportFact{fact}
	if c.WaitingSince > 0 && c.WaitingSince <= d.CreatedAt { // else it was written before he asked
		fact.Kind, fact.Took = model.FactAnswer, max(0, tx.Millis()-c.WaitingSince)
		facts = append(facts, fact)
	}
	return recordTx(tx, facts)
}

// person is to whom a follower belongs.
type person struct {
	AccountID, FollowerID, MemberID, StoreID, ClerkID string

	BoundAt int64 // since when he belongs to the clerk; 0 = to none
}

func (p person) fact(kind string, at int64) model.ReportFact {
	return model.ReportFact{AccountID: p.AccountID, Kind: kind, StoreID: p.StoreID, ClerkID: p.ClerkID, MemberID: p.MemberID, At: at}
}

// personOf finds the member behind a push; staff with their own phones are none.
func personOf(tx *database.Tx, r inbound.Received) (person, bool, error) {
	openID := model.ASCIIKey(r.Push.OpenID(), 64)
	if openID == "" {
		return person{}, false, nil
	}
	var found []person
	err := tx.Table("followers").
		Select("followers.account_id, followers.id AS follower_id, conversations.member_id, conversations.store_id, conversations.clerk_id, members.bound_at").
		Joins("JOIN conversations ON conversations.follower_id = followers.id").
		Joins("JOIN members ON members.id = conversations.member_id").
		Where("followers.account_id = ? AND followers.openid = ? AND followers.kind = ?", r.AccountID, openID, model.FollowerMember).
		Scan(&found).Error
	if err != nil {
		return person{}, false, fmt.Errorf("find whose member it is: %w", err)
	}
	if len(found) == 0 {
		return person{}, false, nil
	}
	return found[0], true, nil
}
