package member

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// File is a member as the screens show him.
type File struct {
	Member   model.Member
	Phone    string // masked
	Follower *model.Follower
	// ConversationID is the conversation with him that the actor may open; empty: none.
	ConversationID string
	Facts          Facts
	Class          model.Class // empty: none
	Tags           []string
}

// Filter narrows a list of members.
type Filter struct {
	Query   string // part of the name, pinyin initials, the whole phone, its last four digits, or the card number
	ClerkID string
	StoreID string
	Tag     string
	Class   string
	// SubClass takes members of one sub-class, together with Class.
	SubClass string
	Level    string
	// Subscribed and Unbound take members who follow the account now, or have no clerk; nil takes all.
	Subscribed, Unbound *bool

	Before string // cursor: id of the last one seen
	Limit  int
}

// List pages through the members the actor may see, the newest first. Its order is that of the ids.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter) ([]File, string, error) {
	q := s.narrow(s.inScope(ctx, actor), actor.AccountID, f)
	if f.Before != "" {
		q = q.Where("members.id < ?", f.Before)
	}
	var rows []model.Member
	if err := q.Order("members.id DESC").Limit(f.Limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list members: %w", err)
	}
	next := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = rows[f.Limit-1].ID
	}
	files, err := s.files(ctx, actor, rows)
	return files, next, err
}

// inScope are the members the actor may see.
func (s *Service) inScope(ctx context.Context, actor access.Actor) *gorm.DB {
	scope := actor.Members(s.db.Now().UnixMilli())
	return s.db.Read(ctx).Where(scope.SQL, scope.Args...).Where("members.merged_into = ''")
}

// follows finds members whose follower follows the account now.
const follows = "EXISTS (SELECT 1 FROM followers WHERE followers.member_id = members.id AND followers.subscribed)"

// classed begins a condition for members of a class; whoever uses it closes the bracket.
const classed = "EXISTS (SELECT 1 FROM member_classes WHERE member_classes.member_id = members.id AND member_classes.class = ?"

// narrow applies a filter to a query of members.
func (s *Service) narrow(q *gorm.DB, accountID string, f Filter) *gorm.DB {
	if f.ClerkID != "" {
		q = q.Where("members.clerk_id = ?", f.ClerkID)
	}
	if f.StoreID != "" {
		q = q.Where("members.store_id = ?", f.StoreID)
	}
	if f.Tag != "" {
		q = q.Where("EXISTS (SELECT 1 FROM member_tags WHERE member_tags.member_id = members.id AND member_tags.tag = ?)", f.Tag)
	}
	switch {
	case f.Class != "" && f.SubClass != "":
		q = q.Where(classed+" AND member_classes.sub_class = ?)", f.Class, f.SubClass)
	case f.Class != "":
		q = q.Where(classed+")", f.Class)
	}
	if f.Level != "" {
		q = q.Where("members.level = ?", f.Level)
	}
	switch {
	case f.Subscribed != nil && *f.Subscribed:
		q = q.Where(follows)
	case f.Subscribed != nil:
		q = q.Where("NOT " + follows)
	}
	switch {
	case f.Unbound != nil && *f.Unbound:
		q = q.Where("members.clerk_id = ''")
	case f.Unbound != nil:
		q = q.Where("members.clerk_id <> ''")
	}
	if text := strings.TrimSpace(f.Query); text != "" {
		q = s.search(q, accountID, text)
	}
	return q
}

// search understands what a clerk types: a name, initials, a phone or its end, a card number.
func (s *Service) search(q *gorm.DB, accountID, text string) *gorm.DB {
	like := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
	or := "members.name LIKE ? ESCAPE '!' OR members.card_no = ?"
	args := []any{"%" + like + "%", text}
	if initials := strings.ToLower(text); model.ASCIIKey(initials, 64) != "" {
		or += " OR members.initials LIKE ? ESCAPE '!'"
		args = append(args, strings.ToLower(like)+"%")
	}
	if len(text) == 4 && strings.Trim(text, "0123456789") == "" {
		or += " OR members.phone_tail_hash = ?"
		args = append(args, s.keys.Hash("phone_tail", text))
	}
	if e164, ok := model.NormalizePhone(text); ok {
		or += " OR members.id IN (SELECT member_identities.member_id FROM member_identities WHERE member_identities.account_id = ? AND member_identities.kind = ? AND member_identities.value = ?)"
		args = append(args, accountID, model.IdentityPhone, s.keys.Hash("phone", e164))
	}
	return q.Where("("+or+")", args...)
}

// Get reads one member's file; the reading is recorded (L3).
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (File, error) {
	m, err := s.find(ctx, actor, id)
	if err != nil {
		return File{}, err
	}
	files, err := s.files(ctx, actor, []model.Member{m})
	if err != nil {
		return File{}, err
	}
	return files[0], s.audit.Record(ctx, actor, auditEntry("member.read", id, ""))
}

func (s *Service) find(ctx context.Context, actor access.Actor, id string) (model.Member, error) {
	return Find(s.db.Read(ctx), actor, id, s.db.Now().UnixMilli())
}

// Find reads a member within the actor's scope at a time (Unix milliseconds); none: NotFound member_not_found.
func Find(db *gorm.DB, actor access.Actor, id string, now int64) (model.Member, error) {
	var m model.Member
	if !model.ValidID(id) {
		return m, errNoMember()
	}
	scope := actor.Members(now)
	err := db.Where(scope.SQL, scope.Args...).Where("members.merged_into = ''").First(&m, "members.id = ?", id).Error
	if database.IsNotFound(err) {
		return m, errNoMember()
	}
	if err != nil {
		return m, fmt.Errorf("find member: %w", err)
	}
	return m, nil
}

func (s *Service) files(ctx context.Context, actor access.Actor, rows []model.Member) ([]File, error) {
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	var followers []model.Follower
	if len(ids) > 0 {
		if err := s.db.Read(ctx).Where("member_id IN ?", ids).Find(&followers).Error; err != nil {
			return nil, fmt.Errorf("find followers: %w", err)
		}
	}
	of := map[string]*model.Follower{}
	for i := range followers {
		of[followers[i].MemberID] = &followers[i]
	}
	lines, err := s.conversations(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(rows))
	for i, m := range rows {
		phone, err := s.phone(m)
		if err != nil {
			return nil, err
		}
		files[i] = File{Member: m, Phone: model.MaskPhone(phone), Follower: of[m.ID], ConversationID: lines[m.ID]}
	}
	return files, s.describe(ctx, ids, files)
}

// conversations finds the conversation of each of the members, as far as the actor may open it. Of several, left by a
// merge, it is the one that was written in last.
func (s *Service) conversations(ctx context.Context, actor access.Actor, ids []string) (map[string]string, error) {
	of := map[string]string{}
	if len(ids) == 0 {
		return of, nil
	}
	scope := actor.Conversations(s.db.Now().UnixMilli())
	var rows []model.Conversation
	err := s.db.Read(ctx).Select("id", "member_id").Where(scope.SQL, scope.Args...).Where("conversations.member_id IN ?", ids).
		Order("conversations.last_at, conversations.id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find conversations: %w", err)
	}
	for _, c := range rows {
		of[c.MemberID] = c.ID
	}
	return of, nil
}

// describe adds facts, class and tags to files.
func (s *Service) describe(ctx context.Context, ids []string, files []File) error {
	if len(ids) == 0 {
		return nil
	}
	facts, err := factsAt(s.db.Read(ctx), s.db.Now().UnixMilli(), ids)
	if err != nil {
		return err
	}
	var tags []model.Tag
	if err := s.db.Read(ctx).Where("member_id IN ?", ids).Order("member_id, tag").Find(&tags).Error; err != nil {
		return fmt.Errorf("read tags: %w", err)
	}
	var classes []model.Class
	if err := s.db.Read(ctx).Where("member_id IN ?", ids).Find(&classes).Error; err != nil {
		return fmt.Errorf("read classes: %w", err)
	}
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
		files[i].Facts = facts[id]
	}
	for _, t := range tags {
		files[at[t.MemberID]].Tags = append(files[at[t.MemberID]].Tags, t.Tag)
	}
	for _, c := range classes {
		files[at[c.MemberID]].Class = c
	}
	return nil
}

func (s *Service) phone(m model.Member) (string, error) {
	if len(m.PhoneSealed) == 0 {
		return "", nil
	}
	phone, err := s.keys.OpenString(m.PhoneSealed)
	if err != nil {
		return "", fmt.Errorf("open phone: %w", err)
	}
	return phone, nil
}

// RevealPhone gives the whole phone number; each reveal is recorded (L5). Who has given notice sees none (E5).
func (s *Service) RevealPhone(ctx context.Context, actor access.Actor, id string) (string, error) {
	m, err := s.find(ctx, actor, id)
	if err != nil {
		return "", err
	}
	if err := actor.Stays(); err != nil {
		return "", err
	}
	phone, err := s.phone(m)
	if err != nil {
		return "", err
	}
	return phone, s.audit.Record(ctx, actor, auditEntry("member.reveal_phone", id, ""))
}

// Bindings lists to whom a member belonged, the newest first.
func (s *Service) Bindings(ctx context.Context, actor access.Actor, id, before string, limit int) ([]model.Binding, string, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return nil, "", err
	}
	q := s.db.Read(ctx).Where("member_id = ?", id)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Binding
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list bindings: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}
