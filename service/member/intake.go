package member

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/feed"
)

// Row is one member as a file of another system tells him (M1).
type Row struct {
	Name, Phone, CardNo  string
	Birthday, Sex, Level string
	Tags                 []string
	Note                 string
	StoreID, ClerkID     string // looked up by the caller, within what the actor may give
}

// Outcomes of a row that was taken; any other outcome is the reason why it was refused.
const (
	RowCreated   = "created"
	RowUpdated   = "updated"
	RowUnchanged = "unchanged"
)

// intake is one batch of rows on its way in.
type intake struct {
	*Service

	tx     *database.Tx
	actor  access.Actor
	source string // the import
	update bool
	known  map[string]string // identity -> member, also of this batch
	added  []model.Member
	ids    []model.Identity
	bound  []model.Binding
	facts  []model.Attribute
	tags   []model.Tag
	notes  []model.Note
	lists  map[string]bool // streams whose lists changed
}

// TakeInTx takes rows in, and tells of each what became of it. New members are written together; one event per clerk
// and store says that lists changed, not one per member. A phone or card that is known is a duplicate, or with update
// fills that member's file, if the actor may see him. A phone taken by somebody else meanwhile is a duplicate-key
// error: the caller begins the transaction anew.
func (s *Service) TakeInTx(tx *database.Tx, actor access.Actor, source string, rows []Row, update bool) ([]string, error) {
	in := &intake{Service: s, tx: tx, actor: actor, source: source, update: update, lists: map[string]bool{}}
	if err := in.lookUp(rows); err != nil {
		return nil, err
	}
	outcomes := make([]string, len(rows))
	for i, r := range rows {
		var err error
		if outcomes[i], err = in.take(r); err != nil {
			return nil, err
		}
	}
	if err := in.write(); err != nil {
		return nil, err
	}
	for _, stream := range slices.Sorted(maps.Keys(in.lists)) {
		s.feed.PublishTx(tx, feed.Event{AccountID: actor.AccountID, Kind: "scope"}, stream)
	}
	return outcomes, nil
}

// lookUp finds the members behind all phones and cards of the batch at once.
func (in *intake) lookUp(rows []Row) error {
	in.known = map[string]string{}
	values := map[string][]string{}
	for _, r := range rows {
		if e164, ok := model.NormalizePhone(r.Phone); ok {
			values[model.IdentityPhone] = append(values[model.IdentityPhone], in.keys.Hash("phone", e164))
		}
		if r.CardNo != "" {
			values[model.IdentityCard] = append(values[model.IdentityCard], r.CardNo)
		}
	}
	for kind, of := range values {
		found, err := identitiesOf(in.tx.DB, in.actor.AccountID, kind, of)
		if err != nil {
			return err
		}
		for value, id := range found {
			in.known[kind+":"+value] = id
		}
	}
	return nil
}

// take works one row off.
func (in *intake) take(r Row) (string, error) {
	if reason := r.check(in.tx.Now); reason != "" {
		return reason, nil
	}
	m, identities, err := in.newFile(in.actor, Create{Name: r.Name, Phone: r.Phone, CardNo: r.CardNo})
	if f := fault.Of(err); f != nil && len(f.Fields) > 0 {
		return f.Fields[0].Name + "_" + f.Fields[0].Reason, nil
	}
	if err != nil {
		return "", err
	}
	there := ""
	for _, i := range identities {
		id := in.known[i.Kind+":"+i.Value]
		if id != "" && there != "" && id != there {
			return "two_members", nil
		}
		if id != "" {
			there = id
		}
	}
	if there != "" {
		return in.fill(there, r)
	}
	in.create(m, identities, r)
	return RowCreated, nil
}

// check tells what is wrong with a row, or nothing.
func (r Row) check(now time.Time) string {
	switch {
	case !utf8.ValidString(r.Name + r.CardNo + r.Note):
		return "not_text"
	case !validBirthday(r.Birthday, now):
		return "birthday_invalid"
	case !validSex(r.Sex):
		return "sex_unknown"
	case r.Level != "" && model.ASCIIKey(r.Level, 16) == "":
		return "level_invalid"
	case utf8.RuneCountInString(r.Note) > model.MaxNoteRunes:
		return "note_too_long"
	}
	if _, err := cleanTags(r.Tags); err != nil {
		return "tags_invalid"
	}
	return ""
}

// create notes a new member with his place; write puts him down.
func (in *intake) create(m model.Member, identities []model.Identity, r Row) {
	now := in.tx.Millis()
	m.StoreID, m.ClerkID, m.Level, m.CreatedAt, m.UpdatedAt = r.StoreID, r.ClerkID, r.Level, now, now
	if m.ClerkID != "" {
		m.BoundAt = now
		in.bound = append(in.bound, model.Binding{
			ID: model.NewID(), AccountID: m.AccountID, MemberID: m.ID, Seq: 1, StoreID: m.StoreID, ClerkID: m.ClerkID, FromAt: now,
			ToAt: model.OpenEnd, How: model.HowImport, ByKind: in.actor.Kind, ByID: in.actor.StaffID, SourceID: in.source,
		})
	}
	for _, i := range identities {
		i.CreatedAt = now
		in.ids = append(in.ids, i)
		in.known[i.Kind+":"+i.Value] = m.ID
	}
	in.added = append(in.added, m)
	in.adornNew(m, r)
	for _, stream := range in.streams(m) {
		in.lists[stream] = true
	}
}

func (in *intake) adornNew(m model.Member, r Row) {
	for name, value := range map[string]string{
		model.AttributeBirthday: r.Birthday, model.AttributeSex: r.Sex, model.AttributeLevel: r.Level,
	} {
		if value != "" {
			in.facts = append(in.facts, newAttribute(in.tx, in.actor, m, name, quoted(value)))
		}
	}
	tags, _ := cleanTags(r.Tags) // looked at before
	for _, t := range tags {
		in.tags = append(in.tags, model.Tag{AccountID: m.AccountID, MemberID: m.ID, Tag: t, ByID: in.actor.StaffID, CreatedAt: in.tx.Millis()})
	}
	if note := strings.TrimSpace(r.Note); note != "" {
		in.notes = append(in.notes, newNote(in.tx, in.actor, m, note))
	}
}

// quoted is a word as JSON; it has nothing that could fail.
func quoted(word string) string {
	b, err := json.Marshal(word)
	if err != nil {
		return "null"
	}
	return string(b)
}

// write puts the new members down, each table at once.
func (in *intake) write() error {
	for _, rows := range []struct {
		n    int
		rows any
	}{
		{len(in.added), &in.added},
		{len(in.ids), &in.ids},
		{len(in.bound), &in.bound},
		{len(in.facts), &in.facts},
		{len(in.tags), &in.tags},
		{len(in.notes), &in.notes},
	} {
		if rows.n == 0 {
			continue
		}
		if err := in.tx.CreateInBatches(rows.rows, 200).Error; err != nil {
			return fmt.Errorf("write members of a file: %w", err)
		}
	}
	if err := in.profiles(); err != nil {
		return err
	}
	for _, m := range in.added {
		if err := in.tellNew(in.tx, m); err != nil {
			return err
		}
	}
	return nil
}

// profiles makes the profiles of new members whose file says something.
func (in *intake) profiles() error {
	ids := make([]string, len(in.facts))
	for i, a := range in.facts {
		ids[i] = a.MemberID
	}
	return profile(in.tx, ids)
}

// fill completes the file of a member who is there: what the row says, and a place if he has none. Who is not in the
// actor's scope is only a duplicate.
func (in *intake) fill(id string, r Row) (string, error) {
	if !in.update || slices.ContainsFunc(in.added, func(m model.Member) bool { return m.ID == id }) {
		return "duplicate", nil
	}
	m, err := in.lock(in.tx, in.actor, id)
	if fault.Is(err, fault.NotFound) {
		return "duplicate", nil
	}
	if err != nil {
		return "", err
	}
	changed, wanted, err := in.identify(in.tx, &m, Edit{Name: given(r.Name), Phone: given(r.Phone), CardNo: given(r.CardNo)})
	if err != nil {
		return "", err
	}
	for _, i := range wanted {
		in.known[i.Kind+":"+i.Value] = m.ID
	}
	facts, err := in.setFacts(in.tx, in.actor, m, Edit{Birthday: given(r.Birthday), Sex: given(r.Sex)})
	if err != nil {
		return "", err
	}
	more, err := in.fillRest(&m, r)
	if err != nil {
		return "", err
	}
	if len(changed)+len(facts) == 0 && !more {
		return RowUnchanged, nil
	}
	for _, stream := range in.streams(m) {
		in.lists[stream] = true
	}
	return RowUpdated, nil
}

// fillRest sets level, tags and place.
func (in *intake) fillRest(m *model.Member, r Row) (bool, error) {
	changed := false
	if r.Level != "" && r.Level != m.Level {
		m.Level, changed = r.Level, true
		err := in.tx.Model(&model.Member{}).Where("id = ?", m.ID).Updates(map[string]any{"level": m.Level, "updated_at": in.tx.Millis()}).Error
		if err != nil {
			return false, fmt.Errorf("set level: %w", err)
		}
		if _, err := in.attributeTx(in.tx, in.actor, *m, model.AttributeLevel, r.Level); err != nil {
			return false, err
		}
	}
	tags, _ := cleanTags(r.Tags) // looked at before
	var had []string
	if err := in.tx.Model(&model.Tag{}).Where("member_id = ?", m.ID).Pluck("tag", &had).Error; err != nil {
		return false, fmt.Errorf("read tags: %w", err)
	}
	tags = slices.DeleteFunc(tags, func(t string) bool { return slices.Contains(had, t) })
	tags = tags[:min(len(tags), max(0, model.MaxTags-len(had)))]
	if err := addTags(in.tx, in.actor, *m, tags); err != nil {
		return false, err
	}
	if m.ClerkID != "" || r.ClerkID == "" && (m.StoreID != "" || r.StoreID == "") {
		return changed || len(tags) > 0, nil
	}
	moved, err := in.AssignTx(in.tx, in.actor, m, Assign{StoreID: r.StoreID, ClerkID: r.ClerkID, How: model.HowImport, SourceID: in.source})
	return changed || len(tags) > 0 || moved, err
}

// given is a value for an edit, or nil where the file says nothing.
func given(text string) *string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return &text
}
