package chat

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Queues of conversations.
const (
	QueueMine       = "mine"       // bound to the caller, or granted to him
	QueueWaiting    = "waiting"    // those of mine with an unanswered message
	QueueStore      = "store"      // of the caller's store, without a clerk
	QueueUnassigned = "unassigned" // without a store
	QueueAll        = "all"        // whatever the caller may see
	QueueUnanswered = "unanswered" // those of all with an unanswered message, the oldest first (C3)
)

// Item is a conversation as lists show it.
type Item struct {
	Conversation model.Conversation // but for ReadSeq and CreatedAt
	MemberName   string
	Subscribed   bool
	Allowance    Left
	Draft        string // the first characters of the caller's
	// Warned says how far it was told that the member waits; Step "" for not yet.
	Warned model.WaitingMark
	// When the wait turns amber and red (C3), in Unix milliseconds; 0 when the member does not wait.
	AmberAt, RedAt int64
	Received       Received
	Answers        Answered // the campaign to which a message that still waits is the answer

	answers bool // there is one
}

// Left is what may still be sent to one follower, and until when (0 = no window is open).
type Left struct {
	Count int64
	Until int64
}

// Answered is a campaign that a member answers; empty: none.
type Answered struct{ CampaignID, Name string }

// Received says by which handover the caller got a member; zero if it was none.
type Received struct {
	At       int64
	FromName string // who had him before
}

// List pages through a queue, ordered by how long the member waits (C1). storeID, if any, leaves those of one store.
func (s *Service) List(ctx context.Context, actor access.Actor, queue, storeID, cursor string, limit int) ([]Item, string, error) {
	parts, waiting, err := s.queue(actor, queue)
	if err != nil {
		return nil, "", err
	}
	var narrow access.Where
	if waiting { // by their rank, so that the others are not even looked at
		narrow.And("conversations.rank_at < ? AND conversations.waiting_since > 0", model.RankOfOthers)
	}
	if storeID != "" {
		narrow.And("conversations.store_id = ?", storeID)
	}
	if cursor != "" {
		rank, id, ok := readCursor(cursor)
		if !ok {
			return nil, "", fault.Input("cursor", "unknown")
		}
		narrow.And("conversations.rank_at >= ? AND (conversations.rank_at > ? OR conversations.id > ?)", rank, rank, id)
	}
	items, err := s.firstOf(ctx, actor, parts, narrow, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(items) > limit {
		items = items[:limit]
		next = writeCursor(items[limit-1].Conversation)
	}
	return items, next, s.answering(ctx, items)
}

// firstOf reads the first conversations of several parts, each once.
func (s *Service) firstOf(ctx context.Context, actor access.Actor, parts []access.Where, narrow access.Where, n int) ([]Item, error) {
	var all []Item
	for _, part := range parts {
		part.And(narrow.SQL, narrow.Args...)
		items, granted, err := s.items(ctx, actor, part, n)
		if err != nil {
			return nil, err
		}
		if all = append(all, items...); len(items) > 0 && !granted {
			return all, nil // the parts that follow are of what is granted
		}
	}
	slices.SortFunc(all, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Conversation.RankAt, b.Conversation.RankAt), cmp.Compare(a.Conversation.ID, b.Conversation.ID))
	})
	all = slices.CompactFunc(all, func(a, b Item) bool { return a.Conversation.ID == b.Conversation.ID })
	return all[:min(n, len(all))], nil
}

// queue gives the parts of a queue, and whether it holds only those who wait.
func (s *Service) queue(actor access.Actor, queue string) (parts []access.Where, waiting bool, err error) {
	now := s.db.Now().UnixMilli()
	switch queue {
	case QueueMine, QueueWaiting:
		return actor.Served(now), queue == QueueWaiting, nil
	case QueueStore, QueueUnassigned:
		return []access.Where{queued(actor, queue)}, false, nil
	case QueueAll, QueueUnanswered:
		return actor.ConversationParts(now), queue == QueueUnanswered, nil
	}
	return nil, false, fault.Input("queue", "unknown")
}

// queued is the condition for conversations without a clerk that the actor may claim.
func queued(actor access.Actor, queue string) access.Where {
	const in = "conversations.account_id = ? AND conversations.queued_in" // NULL where there is a clerk
	everything := actor.Is(model.RoleOwner, model.RoleSupport)
	switch {
	case queue == QueueUnassigned && (everything || actor.Is(model.RoleManager)):
		return access.Where{SQL: in + " = ''", Args: []any{actor.AccountID}}
	case queue == QueueStore && everything:
		return access.Where{SQL: in + " > ''", Args: []any{actor.AccountID}}
	case queue == QueueStore && actor.StoreID != "":
		return access.Where{SQL: in + " = ?", Args: []any{actor.AccountID, actor.StoreID}}
	}
	return access.Where{SQL: "1 = 0"}
}

func writeCursor(c model.Conversation) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.RankAt, 10) + " " + c.ID))
}

func readCursor(s string) (rank int64, id string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, "", false
	}
	first, id, found := strings.Cut(string(b), " ")
	rank, err = strconv.ParseInt(first, 10, 64)
	return rank, id, found && err == nil && model.ValidID(id)
}

// listed asks for conversations with everything that lists show of them, each table by its key, and with the actor's right
// to ask at all: a list is asked for all the time, and every statement costs a round trip. The place of the first argument
// is the actor's; the condition follows.
const listed = "SELECT conversations.id, conversations.follower_id, conversations.member_id, conversations.store_id, conversations.clerk_id," +
	" conversations.rank_at, conversations.last_seq, conversations.answered_seq, conversations.unread, conversations.waiting_since," +
	" conversations.last_kind, conversations.last_text, conversations.last_direction, conversations.last_at," +
	" COALESCE(members.name, ''), COALESCE(followers.subscribed, 0), COALESCE(drafts.text, '')," +
	" COALESCE(allowances.user_left, 0), COALESCE(allowances.user_until, 0), COALESCE(allowances.event_left, 0), COALESCE(allowances.event_until, 0)," +
	" COALESCE(waiting_marks.waiting_since, 0), COALESCE(waiting_marks.step, ''), COALESCE(waiting_marks.at, 0)," +
	" CASE WHEN conversations.waiting_since > 0 THEN EXISTS (SELECT 1 FROM campaign_answers" +
	" WHERE campaign_answers.conversation_id = conversations.id AND campaign_answers.seq > conversations.answered_seq) ELSE 0 END," +
	" CASE WHEN conversations.waiting_since > 0 THEN COALESCE(stores.time_zone, '') ELSE '' END," +
	" CASE WHEN conversations.waiting_since > 0 THEN COALESCE(NULLIF(stores.business_hours, ''), accounts.business_hours) ELSE '' END," +
	" accounts.wait_amber_minutes, accounts.wait_red_minutes, EXISTS (" + access.AnyGrant + ")" +
	" FROM conversations JOIN accounts ON accounts.id = conversations.account_id" +
	" LEFT JOIN members ON members.id = conversations.member_id" +
	" LEFT JOIN followers ON followers.id = conversations.follower_id" +
	" LEFT JOIN allowances ON allowances.follower_id = conversations.follower_id" +
	" LEFT JOIN drafts ON drafts.conversation_id = conversations.id AND drafts.staff_id = ?" +
	" LEFT JOIN waiting_marks ON waiting_marks.conversation_id = conversations.id" +
	" LEFT JOIN stores ON stores.id = conversations.store_id WHERE "

// week is a week of business hours as it is stored, in a zone.
type week struct{ zone, text string }

// items reads the first conversations of a part, and whether anything is granted to the actor.
func (s *Service) items(ctx context.Context, actor access.Actor, part access.Where, n int) (items []Item, granted bool, err error) {
	now := s.db.Now().UnixMilli()
	proof := actor.Proof(now)
	part.And(proof.SQL, proof.Args...)
	args := append(access.AnyGrantArgs(actor, now), actor.StaffID)
	args = append(append(args, part.Args...), n)
	var (
		i          Item
		a          model.Allowance
		open       week
		amber, red int64
	)
	hours := map[week]model.Hours{} // most stores of a list have the same
	c := &i.Conversation
	into := []any{
		&c.ID, &c.FollowerID, &c.MemberID, &c.StoreID, &c.ClerkID, &c.RankAt, &c.LastSeq, &c.AnsweredSeq, &c.Unread, &c.WaitingSince,
		&c.LastKind, &c.LastText, &c.LastDirection, &c.LastAt, &i.MemberName, &i.Subscribed, &i.Draft,
		&a.UserLeft, &a.UserUntil, &a.EventLeft, &a.EventUntil, &i.Warned.WaitingSince, &i.Warned.Step, &i.Warned.At,
		&i.answers, &open.zone, &open.text, &amber, &red, &granted,
	}
	items = make([]Item, 0, n)
	err = s.db.Query(ctx, listed+part.SQL+" ORDER BY conversations.rank_at, conversations.id LIMIT ?", args, func(scan database.Scan) error {
		if err := scan(into...); err != nil {
			return err
		}
		item := i
		item.Conversation.AccountID = actor.AccountID
		item.Draft = model.Snippet(i.Draft)
		item.Allowance.Count, item.Allowance.Until = a.Left(now)
		item.warn()
		if i.Conversation.WaitingSince > 0 {
			if _, known := hours[open]; !known {
				hours[open] = model.Hours{Week: model.ReadWeek(open.text), Zone: model.Zone(open.zone)}
			}
			item.ripen(hours[open], amber, red)
		}
		items = append(items, item)
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("list conversations: %w", err)
	}
	return items, granted, actor.Proved(len(items) > 0)
}

// warn keeps of the mark only what was told of this wait. A mark of an earlier wait counts for nothing.
func (i *Item) warn() {
	if i.Conversation.WaitingSince == 0 || i.Warned.WaitingSince != i.Conversation.WaitingSince {
		i.Warned = model.WaitingMark{}
		return
	}
	i.Warned.ConversationID, i.Warned.AccountID = i.Conversation.ID, i.Conversation.AccountID
}

// ripen tells when a wait turns amber and red, after so many minutes. Only business hours count; the wait itself goes on.
func (i *Item) ripen(hours model.Hours, amber, red int64) {
	since := time.UnixMilli(i.Conversation.WaitingSince)
	i.AmberAt = hours.After(since, time.Duration(amber)*time.Minute).UnixMilli()
	i.RedAt = hours.After(since, time.Duration(red)*time.Minute).UnixMilli()
}

// Get reads one conversation.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (Item, error) {
	if !model.ValidID(id) {
		return Item{}, errNoConversation()
	}
	one := actor.Conversations(s.db.Now().UnixMilli())
	one.And("conversations.id = ?", id)
	items, _, err := s.items(ctx, actor, one, 1)
	if err != nil {
		return Item{}, err
	}
	if len(items) == 0 {
		return Item{}, errNoConversation()
	}
	if err := s.answering(ctx, items); err != nil {
		return Item{}, err
	}
	items[0].Received, err = s.received(ctx, actor, items[0].Conversation)
	return items[0], err
}
