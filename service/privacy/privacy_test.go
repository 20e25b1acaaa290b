package privacy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/privacy"
	"liuke/service/worker"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// What of a person stands in tables, and must stand in none afterwards.
const (
	hisName  = "赵小雨"
	hisPhone = "13912345678"
	hisCard  = "CARD-7788"
	hisText  = "我家宝宝过敏"
	mark     = "记号"
)

// house is a chain with the privacy room, run by the test step by step.
type house struct {
	*worldtest.World
	*privacy.Service

	t     *testing.T
	clock *clock
	clerk access.Actor
}

type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

func each(t *testing.T, story func(h house)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := &clock{}
			db := databasetest.Open(t, databasetest.Fresh(t, kind), c.now)
			w := worldtest.New(t, db)
			h := house{World: w, t: t, clock: c}
			h.Service = h.instance()
			h.clerk = w.Clerk(t, "店员甲")
			story(h)
		})
	}
}

// instance makes the room of another process.
func (h house) instance() *privacy.Service {
	h.t.Helper()
	ring, err := keys.Load(h.t.Context(), h.DB, [][]byte{bytes.Repeat([]byte{7}, 32)})
	require.NoError(h.t, err)
	leases := worker.NewLeases(h.DB, model.NewID())
	s := privacy.New(privacy.Deps{
		DB: h.DB, Keys: ring, Members: h.Members, Delivery: h.Delivery, Media: h.Media, Audit: audit.New(audit.Deps{DB: h.DB}), Leases: leases,
		Log: slog.New(slog.DiscardHandler),
	})
	s.Before(func(string) error { // the lease as the loop holds it
		_, err := leases.Acquire(h.t.Context(), "privacy.erase", time.Minute)
		return err
	})
	return s
}

// guest lets a person scan the clerk's code, write, and be known by phone and card.
func (h house) guest() (simulator.Person, model.Member) {
	h.t.Helper()
	p := h.Person(hisName)
	code := h.Code(h.t, h.clerk, binding.Mint{Kind: model.CodeClerk})
	h.Scan(h.t, p, code.Scene)
	h.Write(h.t, p, hisText)
	m := h.Member(h.t, p)
	name, phone, card := hisName, hisPhone, hisCard
	_, err := h.Members.Edit(h.t.Context(), h.clerk, m.ID, member.Edit{Name: &name, Phone: &phone, CardNo: &card})
	require.NoError(h.t, err)
	return p, h.Member(h.t, p)
}

// done works until an erasure is done, moving the clock on.
func (h house) done(id string) privacy.Certificate {
	h.t.Helper()
	var got privacy.Certificate
	worldtest.Eventually(h.t, func() bool {
		require.NoError(h.t, h.Work(h.t.Context()))
		h.clock.pass(5 * time.Second)
		var err error
		got, err = h.Get(h.t.Context(), h.Owner, id)
		require.NoError(h.t, err)
		return got.State == model.ErasureDone
	}, "the erasure is done")
	return got
}

// ask asks as the owner because the member wishes it.
func (h house) ask(m model.Member) string {
	h.t.Helper()
	c, err := h.Erase(h.t.Context(), h.Owner, m.ID, privacy.Ask{Cause: model.EraseWish, How: model.WishInStore})
	require.NoError(h.t, err)
	return c.ID
}

// dump gives all that stands in every table, a line for each row.
func (h house) dump() []string {
	h.t.Helper()
	var lines []string
	for _, table := range model.Tables() {
		s, err := schema.Parse(table, &sync.Map{}, schema.NamingStrategy{})
		require.NoError(h.t, err)
		rows, err := h.DB.Read(h.t.Context()).Table(s.Table).Rows()
		require.NoError(h.t, err)
		for rows.Next() {
			columns, err := rows.Columns()
			require.NoError(h.t, err)
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			require.NoError(h.t, rows.Scan(into...))
			line := s.Table
			for i, v := range values {
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				line += fmt.Sprintf(" %s=%v", columns[i], v)
			}
			lines = append(lines, line)
		}
		require.NoError(h.t, rows.Err())
		require.NoError(h.t, rows.Close())
	}
	return lines
}

// finds lists where one of some words stands.
func finds(lines []string, words ...string) []string {
	var found []string
	for _, l := range lines {
		for _, w := range words {
			if w != "" && strings.Contains(l, w) {
				found = append(found, l)
				break
			}
		}
	}
	return found
}

// fill writes a row of his into every table that the work goes through, with the mark in whatever tells something of him.
func (h house) fill(p simulator.Person, m model.Member) {
	h.t.Helper()
	talk, follower := h.Conversation(h.t, p).ID, h.Follower(h.t, p).ID
	rule := map[string]privacy.Rule{}
	for _, r := range privacy.Rules() {
		rule[r.Table] = r
	}
	for _, table := range model.Tables() {
		s, err := schema.Parse(table, &sync.Map{}, schema.NamingStrategy{})
		require.NoError(h.t, err)
		r := rule[s.Table]
		if r.Fate == privacy.FateKept || r.Cut {
			continue
		}
		row := reflect.New(s.ModelType)
		for _, f := range s.Fields {
			var v any
			switch f.DBName {
			case "id", "staff_id", "campaign_id", "handover_id", "job_id", "delivery_id":
				v = model.NewID()
			case "account_id":
				v = h.Account.ID
			case "member_id", "made_by":
				v = m.ID
			case "conversation_id":
				v = talk
			case "follower_id":
				v = follower
			case "shard":
				v = model.Shard(talk)
			case "seq":
				v = int64(7777)
			case "state":
				v = map[string]string{
					"deliveries": model.StateAccepted, "messages": model.StateAccepted, "media": model.MediaReady, "notices": model.StateQueued,
					"campaign_recipients": model.RecipientWaiting, "binding_requests": model.RequestOpen, "consent_records": model.ConsentGiven,
				}[s.Table]
			case "how":
				v = model.ConsentByStaff
			case "author_kind":
				v = model.ByStaff
			case "due_at":
				if s.Table == "notices" { // or it would be worked off before he is erased
					v = h.DB.Now().Add(time.Hour).UnixMilli()
				}
			case "body":
				v = `{"member":"` + m.ID + `","name":"` + mark + `"}`
			default:
				if k := f.FieldType.Kind(); k == reflect.String && (r.Fate == privacy.FateRemoved || tells(s.Table+"."+f.DBName)) {
					v = mark
				} else if k == reflect.Pointer && f.FieldType.Elem().Kind() == reflect.String {
					text := mark + model.NewID()
					v = &text
				}
			}
			if v != nil && v != "" {
				require.NoError(h.t, f.Set(h.t.Context(), row, v), "%s.%s", s.Table, f.DBName)
			}
		}
		require.NoError(h.t, h.DB.InTx(h.t.Context(), func(tx *database.Tx) error {
			if s.Table == "allowances" || s.Table == "waiting_marks" || s.Table == "member_profiles" || s.Table == "member_classes" {
				if err := tx.Table(s.Table).Where(s.PrioritizedPrimaryField.DBName+" = ?", s.PrioritizedPrimaryField.ReflectValueOf(h.t.Context(), row.Elem()).String()).Delete(nil).Error; err != nil {
					return err
				}
			}
			return tx.Create(row.Interface()).Error
		}), s.Table)
	}
}

// tells reports whether a column of a table whose rows stay may tell something of him: told here once more, so that a rule
// that forgets one is found out.
func tells(column string) bool {
	switch column {
	case "complaints.text", "complaints.result", "todos.note", "todos.level", "consent_records.text", "deliveries.payload":
		return true
	}
	return false
}

// Whatever table there is: of a person whose data was erased no word is left in it, and a certificate says what went.
func TestErasure_leavesNothingOfAPersonInAnyTable(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		h.fill(p, m)
		h.Reply(h.t, h.clerk, p, "c-1", "您好"+hisName)
		follower, talk := h.Follower(h.t, p).ID, h.Conversation(h.t, p).ID
		words := []string{hisName, hisPhone, hisCard, hisText, mark, p.OpenID, "initials=zxy"}
		require.NotEmpty(h.t, finds(h.dump(), hisName))
		require.NotEmpty(h.t, finds(h.dump(), hisCard))
		require.NotEmpty(h.t, finds(h.dump(), p.OpenID))

		c := h.done(h.ask(m))
		require.Empty(h.t, finds(h.dump(), words...))
		require.Equal(h.t, h.Owner.StaffID, c.ByID)
		require.Empty(h.t, c.MemberID)
		require.Empty(h.t, c.Subject)
		counted := map[string]int64{}
		require.NoError(h.t, json.Unmarshal([]byte(c.Counts), &counted))
		for _, r := range privacy.Rules() {
			switch r.Table {
			case "merges", "subscription_grants", "codes", "member_access": // he had none
				require.Zero(h.t, counted[r.Table], r.Table)
			default:
				require.Equal(h.t, r.Fate != privacy.FateKept, counted[r.Table] > 0, "%s: %d", r.Table, counted[r.Table])
			}
		}
		text, err := json.Marshal(c)
		require.NoError(h.t, err)
		for _, id := range []string{m.ID, follower, talk} {
			require.NotContains(h.t, string(text), id, "the certificate names nobody, not by a number either")
		}
		_, err = h.Members.Get(h.t.Context(), h.Owner, m.ID)
		require.Equal(h.t, fault.NotFound, fault.Of(err).Kind)
		all, _, err := h.Members.List(h.t.Context(), h.Owner, member.Filter{Limit: 10})
		require.NoError(h.t, err)
		require.Empty(h.t, all)
		bindings := []model.Binding{}
		require.NoError(h.t, h.DB.Read(h.t.Context()).Where("member_id = ?", m.ID).Find(&bindings).Error)
		require.Len(h.t, bindings, 1, "who served somebody then stays")
		require.False(h.t, bindings[0].Open())
	})
}

// The same person who scans again is somebody new, and nothing leads from one to the other.
func TestErasure_makesWhoComesAgainSomebodyNew(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		h.done(h.ask(m))
		h.Write(h.t, p, "我又来了")
		again := h.Member(h.t, p)
		require.NotEqual(h.t, m.ID, again.ID)
		require.Empty(h.t, again.Name)
		require.Empty(h.t, again.ClerkID)
		require.Empty(h.t, finds(finds(h.dump(), m.ID), p.OpenID, again.ID, h.Conversation(h.t, p).ID))
		_, err := h.Members.Create(h.t.Context(), h.clerk, member.Create{Name: "别人", Phone: hisPhone, CardNo: hisCard})
		require.NoError(h.t, err, "phone and card are free")
	})
}

// Wherever it is stopped, it goes on from there, does nothing twice and counts what it did once.
func TestErasure_goesOnAfterACrashBeforeEachStep(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		h.fill(p, m)
		id := h.ask(m)
		crashed := map[string]bool{}
		for range 500 {
			hold := errors.New("crash")
			leases := worker.NewLeases(h.DB, model.NewID())
			_, err := h.DB.Exec(h.t.Context(), "UPDATE leases SET until_at = 0")
			require.NoError(h.t, err)
			next := privacy.New(privacy.Deps{
				DB: h.DB, Members: h.Members, Delivery: h.Delivery, Media: h.Media, Audit: audit.New(audit.Deps{DB: h.DB}), Leases: leases,
				Log: slog.New(slog.DiscardHandler),
			})
			next.Before(func(step string) error {
				if _, err := leases.Acquire(h.t.Context(), "privacy.erase", time.Minute); err != nil {
					return err
				}
				if !crashed[step] {
					crashed[step] = true
					return hold
				}
				return nil
			})
			require.NoError(h.t, next.Work(h.t.Context()))
			h.clock.pass(31 * time.Second) // a failed step is left alone for half a minute
			c, err := h.Get(h.t.Context(), h.Owner, id)
			require.NoError(h.t, err)
			if c.State == model.ErasureDone {
				break
			}
		}
		c, err := h.Get(h.t.Context(), h.Owner, id)
		require.NoError(h.t, err)
		require.Equal(h.t, model.ErasureDone, c.State)
		require.Greater(h.t, len(crashed), 25, "each table is a step")
		require.Contains(h.t, crashed, "media rows")
		require.Empty(h.t, finds(h.dump(), hisName, hisPhone, hisCard, hisText, mark, p.OpenID))
		counted := map[string]int64{}
		require.NoError(h.t, json.Unmarshal([]byte(c.Counts), &counted))
		require.EqualValues(h.t, 1, counted["member_notes"])
		require.EqualValues(h.t, 1, counted["members"])
		require.EqualValues(h.t, 1, counted["media"])
		require.Equal(h.t, int64(1), h.records("privacy.erased"))
	})
}

func (h house) records(action string) int64 {
	h.t.Helper()
	var n int64
	require.NoError(h.t, h.DB.Read(h.t.Context()).Model(&model.Audit{}).Where("action = ?", action).Count(&n).Error)
	return n
}

// Two instances at once do each step once.
func TestErasure_isDoneOnceByTwoInstances(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		h.fill(p, m)
		id := h.ask(m)
		var all sync.WaitGroup
		done := make(chan struct{})
		for range 2 {
			s := h.instance()
			all.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
						_ = s.Work(h.t.Context()) // whoever has not the lease is refused
					}
				}
			})
		}
		worldtest.Eventually(h.t, func() bool {
			h.clock.pass(time.Second)
			c, err := h.Get(h.t.Context(), h.Owner, id)
			return err == nil && c.State == model.ErasureDone
		}, "it is done")
		close(done)
		all.Wait()
		c, err := h.Get(h.t.Context(), h.Owner, id)
		require.NoError(h.t, err)
		counted := map[string]int64{}
		require.NoError(h.t, json.Unmarshal([]byte(c.Counts), &counted))
		require.EqualValues(h.t, 1, counted["member_notes"])
		require.EqualValues(h.t, 1, counted["drafts"])
		require.Equal(h.t, int64(1), h.records("privacy.erased"))
		require.Empty(h.t, finds(h.dump(), hisName, mark, p.OpenID))
	})
}
