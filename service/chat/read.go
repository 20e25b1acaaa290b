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

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/delivery"
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
	Conversation model.Conversation
	MemberName   string
	Subscribed   bool
	Allowance    delivery.Left
	Draft        string // the first characters of the caller's
	// Warned says how far it was told that the member waits; Step "" for not yet.
	Warned model.WaitingMark
	// When the wait turns amber and red (C3), in Unix milliseconds; 0 when the member does not wait.
	AmberAt, RedAt int64
	Received       Received
	Answers        Answered // the campaign to which a message that still waits is the answer
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
	q := s.db.Read(ctx)
	if waiting { // by their rank, so that the others are not even looked at
		q = q.Where("conversations.rank_at < ? AND conversations.waiting_since > 0", model.RankOfOthers)
	}
	if storeID != "" {
		q = q.Where("conversations.store_id = ?", storeID)
	}
	if cursor != "" {
		rank, id, ok := readCursor(cursor)
		if !ok {
			return nil, "", fault.Input("cursor", "unknown")
		}
		q = q.Where("conversations.rank_at >= ? AND (conversations.rank_at > ? OR conversations.id > ?)", rank, rank, id)
	}
	rows, err := firstOf(q, parts, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = writeCursor(rows[limit-1])
	}
	items, err := s.items(ctx, actor, rows)
	return items, next, err
}

// firstOf reads the first conversations of several parts, each once.
func firstOf(q *gorm.DB, parts []access.Where, n int) ([]model.Conversation, error) {
	var all []model.Conversation
	q = q.Session(&gorm.Session{})
	for _, part := range parts {
		var rows []model.Conversation
		err := q.Where(part.SQL, part.Args...).Order("conversations.rank_at, conversations.id").Limit(n).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("list conversations: %w", err)
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b model.Conversation) int {
		return cmp.Or(cmp.Compare(a.RankAt, b.RankAt), cmp.Compare(a.ID, b.ID))
	})
	all = slices.CompactFunc(all, func(a, b model.Conversation) bool { return a.ID == b.ID })
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

func (s *Service) items(ctx context.Context, actor access.Actor, rows []model.Conversation) ([]Item, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	followers := make([]string, len(rows))
	for i, c := range rows {
		followers[i] = c.FollowerID
	}
	asides, err := s.asides(ctx, actor, rows)
	if err != nil {
		return nil, err
	}
	left, err := s.delivery.Allowances(ctx, followers)
	if err != nil {
		return nil, err
	}
	answers, err := s.answering(ctx, rows)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(rows))
	for i, c := range rows {
		of := asides[c.ID]
		items[i] = Item{
			Conversation: c, MemberName: of.Name, Subscribed: of.Subscribed, Allowance: left[c.FollowerID],
			Draft: model.Snippet(of.Draft), Warned: of.warned(c), Answers: answers[c.ID],
		}
	}
	return items, s.ripen(ctx, actor, items)
}

// ripen tells of those who wait when that turns amber and red. Only business hours count; the wait itself goes on.
func (s *Service) ripen(ctx context.Context, actor access.Actor, items []Item) error {
	var stores []string
	for _, i := range items {
		if i.Conversation.WaitingSince > 0 {
			stores = append(stores, i.Conversation.StoreID)
		}
	}
	if len(stores) == 0 {
		return nil
	}
	waits, err := s.staff.Waits(ctx, actor.AccountID, stores)
	if err != nil {
		return err
	}
	for n, i := range items {
		if since := i.Conversation.WaitingSince; since > 0 {
			hours := waits.Hours(i.Conversation.StoreID)
			items[n].AmberAt = hours.After(time.UnixMilli(since), waits.Amber).UnixMilli()
			items[n].RedAt = hours.After(time.UnixMilli(since), waits.Red).UnixMilli()
		}
	}
	return nil
}

// aside is what other tables say of a conversation in a list; what is missing there is empty.
type aside struct {
	ID         string
	Name       string // of the member
	Subscribed bool
	Draft      string // the actor's
	Since      int64  // of the wait that a mark is of
	Step       string
	At         int64
}

// asides reads them in one statement, each by the key of its table: a list is asked for all the time, and every statement
// costs a round trip.
func (s *Service) asides(ctx context.Context, actor access.Actor, rows []model.Conversation) (map[string]aside, error) {
	ids := make([]string, len(rows))
	for i, c := range rows {
		ids[i] = c.ID
	}
	var found []aside
	err := s.db.Read(ctx).Table("conversations").
		Select("conversations.id, COALESCE(members.name, '') AS name, COALESCE(followers.subscribed, 0) AS subscribed, COALESCE(drafts.text, '') AS draft,"+
			" COALESCE(waiting_marks.waiting_since, 0) AS since, COALESCE(waiting_marks.step, '') AS step, COALESCE(waiting_marks.at, 0) AS at").
		Joins("LEFT JOIN members ON members.id = conversations.member_id").
		Joins("LEFT JOIN followers ON followers.id = conversations.follower_id").
		Joins("LEFT JOIN drafts ON drafts.conversation_id = conversations.id AND drafts.staff_id = ?", actor.StaffID).
		Joins("LEFT JOIN waiting_marks ON waiting_marks.conversation_id = conversations.id").
		Where("conversations.id IN ?", ids).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find what stands beside conversations: %w", err)
	}
	of := make(map[string]aside, len(found))
	for _, a := range found {
		of[a.ID] = a
	}
	return of, nil
}

// warned is how far it was told that the member waits. A mark of an earlier wait counts for nothing.
func (a aside) warned(c model.Conversation) (m model.WaitingMark) {
	if c.WaitingSince > 0 && a.Since == c.WaitingSince {
		m = model.WaitingMark{ConversationID: c.ID, AccountID: c.AccountID, WaitingSince: a.Since, Step: a.Step, At: a.At}
	}
	return m
}

// Get reads one conversation.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (Item, error) {
	c, err := s.find(ctx, actor, id)
	if err != nil {
		return Item{}, err
	}
	items, err := s.items(ctx, actor, []model.Conversation{c})
	if err != nil {
		return Item{}, err
	}
	items[0].Received, err = s.received(ctx, actor, c)
	return items[0], err
}

// received finds the handover by which the member of a conversation became the actor's, if it was one.
func (s *Service) received(ctx context.Context, actor access.Actor, c model.Conversation) (Received, error) {
	var r Received
	if c.ClerkID != actor.StaffID {
		return r, nil
	}
	err := s.db.Read(ctx).Table("bindings").Select("bindings.from_at AS at, staff.name AS from_name").
		Joins("JOIN handovers ON handovers.id = bindings.source_id").Joins("JOIN staff ON staff.id = handovers.from_clerk_id").
		Where("bindings.member_id = ? AND bindings.to_at = ? AND bindings.clerk_id = ? AND bindings.how = ? AND handovers.from_clerk_id <> ?",
			c.MemberID, int64(model.OpenEnd), actor.StaffID, model.HowHandover, actor.StaffID).Limit(1).Scan(&r).Error
	if err != nil {
		return r, fmt.Errorf("find whom a member was received from: %w", err)
	}
	return r, nil
}

// find reads a conversation within the actor's scope.
func (s *Service) find(ctx context.Context, actor access.Actor, id string) (model.Conversation, error) {
	var c model.Conversation
	if !model.ValidID(id) {
		return c, errNoConversation()
	}
	scope := actor.Conversations(s.db.Now().UnixMilli())
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&c, "conversations.id = ?", id).Error
	if database.IsNotFound(err) {
		return c, errNoConversation()
	}
	if err != nil {
		return c, fmt.Errorf("find conversation: %w", err)
	}
	return c, nil
}

func errNoConversation() error { return fault.New(fault.NotFound, "conversation_not_found") }

// lockOne reads a conversation within the actor's scope and locks it.
func (s *Service) lockOne(tx *database.Tx, actor access.Actor, id string) (model.Conversation, error) {
	var c model.Conversation
	scope := actor.Conversations(tx.Millis())
	err := tx.Lock().Where(scope.SQL, scope.Args...).First(&c, "conversations.id = ?", id).Error
	if database.IsNotFound(err) {
		return c, errNoConversation()
	}
	if err != nil {
		return c, fmt.Errorf("lock conversation: %w", err)
	}
	return c, nil
}

// Messages pages through a conversation, the newest first. before is the seq of the last one seen, 0 for the newest.
func (s *Service) Messages(ctx context.Context, actor access.Actor, id string, before int64, limit int) ([]model.Message, int64, error) {
	return s.Search(ctx, actor, id, "", before, limit)
}

// Search is Messages narrowed to those whose text holds a piece of text (C11); an empty one gives all.
func (s *Service) Search(ctx context.Context, actor access.Actor, id, text string, before int64, limit int) ([]model.Message, int64, error) {
	q, err := s.messagesOf(ctx, actor, id)
	if err != nil {
		return nil, 0, err
	}
	if before > 0 {
		q = q.Where("messages.seq < ?", before)
	}
	if text != "" {
		q = q.Where("LOWER(messages.text) LIKE ? ESCAPE '!'", contains(text))
	}
	rows, err := s.pageOf(ctx, actor, id, q.Order("messages.seq DESC").Limit(limit+1))
	if err != nil {
		return nil, 0, err
	}
	next := int64(0)
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].Seq
	}
	return rows, next, s.delivery.LatestStates(ctx, rows)
}

// History pages through a conversation from its first message on (E3). after is the seq of the last one seen, 0 for the
// beginning; the second answer is where to go on, 0 at the end.
func (s *Service) History(ctx context.Context, actor access.Actor, id string, after int64, limit int) ([]model.Message, int64, error) {
	q, err := s.messagesOf(ctx, actor, id)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.pageOf(ctx, actor, id, q.Where("messages.seq > ?", after).Order("messages.seq").Limit(limit+1))
	if err != nil {
		return nil, 0, err
	}
	next := int64(0)
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].Seq
	}
	return rows, next, s.delivery.LatestStates(ctx, rows)
}

// messagesOf asks for the messages of a conversation within the actor's scope, along their key.
func (s *Service) messagesOf(ctx context.Context, actor access.Actor, id string) (*gorm.DB, error) {
	if !model.ValidID(id) {
		return nil, errNoConversation()
	}
	scope := actor.Conversations(s.db.Now().UnixMilli())
	return s.db.Read(ctx).Select("messages.*").Joins("JOIN conversations ON conversations.id = messages.conversation_id").
		Where("messages.shard = ? AND messages.conversation_id = ?", model.Shard(id), id).Where(scope.SQL, scope.Args...), nil
}

// pageOf reads a page of them. Only where there is none is it asked whether the actor sees the conversation at all: the
// page and his right to it cost one round trip.
func (s *Service) pageOf(ctx context.Context, actor access.Actor, id string, q *gorm.DB) ([]model.Message, error) {
	var rows []model.Message
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	if len(rows) > 0 {
		return rows, nil
	}
	_, err := s.find(ctx, actor, id)
	return nil, err
}

// MarkRead notes that everything up to a message has been read by whoever serves the member.
func (s *Service) MarkRead(ctx context.Context, actor access.Actor, id, upTo string) error {
	if _, err := s.find(ctx, actor, id); err != nil {
		return err
	}
	if !model.ValidID(upTo) {
		return fault.Missing("up_to")
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		c, err := s.lockOne(tx, actor, id)
		if err != nil {
			return err
		}
		var seqs []int64
		err = tx.Model(&model.Message{}).Where("id = ? AND conversation_id = ?", upTo, c.ID).Pluck("seq", &seqs).Error
		if err != nil {
			return fmt.Errorf("find message: %w", err)
		}
		if len(seqs) == 0 {
			return fault.Missing("up_to")
		}
		if seqs[0] <= c.ReadSeq {
			return nil
		}
		var unread int64
		err = tx.Model(&model.Message{}).
			Where("shard = ? AND conversation_id = ? AND seq > ?", model.Shard(c.ID), c.ID, seqs[0]).
			Where("author_kind = ? AND kind <> ?", model.ByMember, model.KindEvent).Count(&unread).Error
		if err != nil {
			return fmt.Errorf("count unread: %w", err)
		}
		err = tx.Model(&model.Conversation{}).Where("id = ?", c.ID).
			Updates(map[string]any{"read_seq": seqs[0], "unread": unread}).Error
		if err != nil {
			return fmt.Errorf("mark read: %w", err)
		}
		guests, err := s.guestsOf(tx, c)
		if err != nil {
			return err
		}
		s.publish(tx, "conversation", c, guests, "")
		return nil
	})
}

// contains is the pattern of texts that hold a piece of text, its signs taken as letters.
func contains(piece string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(piece)) + "%"
}
