package worldtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/staff"
	"liuke/wechat/simulator"
)

// patience bounds every wait for something that happens by itself.
const patience = 20 * time.Second

// Eventually waits until ok holds.
func Eventually(t *testing.T, ok func() bool, what string) {
	t.Helper()
	require.Eventually(t, ok, patience, 10*time.Millisecond, what)
}

// Hire adds a person of a role to a store; he is present.
func (w *World) Hire(t *testing.T, name, role string, store model.Store) access.Actor {
	t.Helper()
	var n int64
	require.NoError(t, w.DB.Read(t.Context()).Model(&model.Staff{}).Count(&n).Error)
	p, err := w.Staff.Create(t.Context(), w.Owner, staff.Create{
		Name: name, Phone: fmt.Sprintf("138%08d", n+1), Password: "password-of-" + role, Role: role, StoreID: store.ID,
	})
	require.NoError(t, err)
	require.NoError(t, w.Staff.Seen(t.Context(), p.ID))
	return access.Actor{
		Kind: model.ByStaff, AccountID: w.Account.ID, StaffID: p.ID, Name: name, Role: role, StoreID: store.ID, RegionID: p.RegionID,
	}
}

// Clerk adds a present clerk to the first store.
func (w *World) Clerk(t *testing.T, name string) access.Actor {
	t.Helper()
	return w.Hire(t, name, model.RoleClerk, w.Store)
}

// Code mints a code.
func (w *World) Code(t *testing.T, actor access.Actor, in binding.Mint) model.Code {
	t.Helper()
	c, err := w.Binding.Mint(t.Context(), actor, in)
	require.NoError(t, err)
	return c
}

// Person is somebody with a phone. He knows nothing of us yet.
func (w *World) Person(name string) simulator.Person { return w.Sim.NewPerson(name) }

// Scan lets a person scan a code; who does not follow, follows by it. It returns once the scan has had its effect.
func (w *World) Scan(t *testing.T, p simulator.Person, scene string) {
	t.Helper()
	before := w.count(t, &model.Scan{})
	w.Sim.Advance(time.Second) // two scans of one person within a second are one to WeChat
	_, err := w.Sim.Scan(AppID, p.OpenID, scene)
	require.NoError(t, err)
	Eventually(t, func() bool { return w.count(t, &model.Scan{}) > before }, "scan recorded")
}

// Follow lets a person follow without a code.
func (w *World) Follow(t *testing.T, p simulator.Person) {
	t.Helper()
	require.NoError(t, w.Sim.Follow(AppID, p.OpenID, ""))
	Eventually(t, func() bool { return w.Follower(t, p).Subscribed }, "follow seen")
}

// Write lets a person write a text and waits until it is in his conversation.
func (w *World) Write(t *testing.T, p simulator.Person, text string) {
	t.Helper()
	_, err := w.Sim.SendText(AppID, p.OpenID, text)
	require.NoError(t, err)
	Eventually(t, func() bool {
		var n int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Message{}).Where("direction = ? AND text = ?", model.In, text).Count(&n).Error)
		return n > 0
	}, "message received")
}

func (w *World) count(t *testing.T, of any) int64 {
	t.Helper()
	var n int64
	require.NoError(t, w.DB.Read(t.Context()).Model(of).Count(&n).Error)
	return n
}

// Follower reads a person's follower row; an empty one if there is none yet.
func (w *World) Follower(t *testing.T, p simulator.Person) model.Follower {
	t.Helper()
	var f []model.Follower
	require.NoError(t, w.DB.Read(t.Context()).Where("openid = ?", p.OpenID).Find(&f).Error)
	if len(f) == 0 {
		return model.Follower{}
	}
	return f[0]
}

// Left tells how many messages may be sent to a person now.
func (w *World) Left(t *testing.T, p simulator.Person) int64 {
	t.Helper()
	var a model.Allowance
	require.NoError(t, w.DB.Read(t.Context()).Where("follower_id = ?", w.Follower(t, p).ID).Find(&a).Error)
	left, _ := a.Left(w.DB.Now().UnixMilli())
	return left
}

// Member reads the member behind a person.
func (w *World) Member(t *testing.T, p simulator.Person) model.Member {
	t.Helper()
	var m model.Member
	require.NoError(t, w.DB.Read(t.Context()).First(&m, "id = ?", w.Follower(t, p).MemberID).Error)
	return m
}

// Conversation reads a person's conversation.
func (w *World) Conversation(t *testing.T, p simulator.Person) model.Conversation {
	t.Helper()
	var c model.Conversation
	require.NoError(t, w.DB.Read(t.Context()).First(&c, "follower_id = ?", w.Follower(t, p).ID).Error)
	return c
}

// LastScan reads the scan recorded last.
func (w *World) LastScan(t *testing.T) model.Scan {
	t.Helper()
	var s model.Scan
	require.NoError(t, w.DB.Read(t.Context()).Order("id DESC").First(&s).Error)
	return s
}

// Bindings lists to whom a person's member belonged, the newest first.
func (w *World) Bindings(t *testing.T, p simulator.Person) []model.Binding {
	t.Helper()
	rows, _, err := w.Members.Bindings(t.Context(), w.Owner, w.Member(t, p).ID, "", 100)
	require.NoError(t, err)
	return rows
}

// Reply writes a text as staff.
func (w *World) Reply(t *testing.T, actor access.Actor, p simulator.Person, clientID, text string) model.Message {
	t.Helper()
	m, err := w.Chat.Send(t.Context(), actor, w.Conversation(t, p).ID, chat.Write{ClientID: clientID, Kind: model.KindText, Text: text})
	require.NoError(t, err)
	return m
}

// State reads the state of a message, and why.
func (w *World) State(t *testing.T, messageID string) (state, reason string) {
	t.Helper()
	var m model.Message
	require.NoError(t, w.DB.Read(t.Context()).First(&m, "id = ?", messageID).Error)
	return m.State, m.Reason
}

// Becomes waits until a message has a state.
func (w *World) Becomes(t *testing.T, messageID, state string) {
	t.Helper()
	Eventually(t, func() bool { now, _ := w.State(t, messageID); return now == state }, "message becomes "+state)
}

// Texts lists the texts that the account has sent a person.
func (w *World) Texts(p simulator.Person) []string {
	var texts []string
	for _, r := range w.Sim.Inbox(p.OpenID) {
		texts = append(texts, r.Text)
	}
	return texts
}
