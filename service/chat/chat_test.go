package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// talk is a clerk with one member.
func talk(t *testing.T, story func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		clerk := w.Clerk(t, "小李")
		p := w.Person("王宝妈")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		story(t, w, clerk, p)
	})
}

// lines reads a whole conversation, the oldest first.
func lines(t *testing.T, w *worldtest.World, actor access.Actor, p simulator.Person) []model.Message {
	t.Helper()
	var all []model.Message
	before := int64(0)
	for {
		rows, next, err := w.Chat.Messages(t.Context(), actor, w.Conversation(t, p).ID, before, 7)
		require.NoError(t, err)
		all = append(all, rows...)
		if next == 0 {
			break
		}
		before = next
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

func kinds(rows []model.Message) []string {
	var k []string
	for _, m := range rows {
		k = append(k, m.Kind)
	}
	return k
}

func TestReceive_keepsEveryKindAndLosesNoUnknownOne(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		app, id := worldtest.AppID, p.OpenID
		w.Write(t, p, "a\bb\x14c <b>&amp; ]]> 😀\u202e")
		for _, send := range []func() (int64, error){
			func() (int64, error) { return w.Sim.SendImage(app, id, nil) },
			func() (int64, error) { return w.Sim.SendVoice(app, id, nil) },
			func() (int64, error) { return w.Sim.SendVideo(app, id, nil) },
			func() (int64, error) { return w.Sim.SendShortVideo(app, id, nil) },
			func() (int64, error) { return w.Sim.SendLocation(app, id, 31.23, 121.47, "人民广场") },
			func() (int64, error) { return w.Sim.SendLink(app, id, "标题", "说明", "https://example.com/") },
			func() (int64, error) {
				return w.Sim.SendRaw(app, id, simulator.Field{Name: "MsgType", Value: "hologram"},
					simulator.Field{Name: "Beam", Value: "7"}, simulator.Field{Name: "MsgId", Value: "990000000000001"})
			},
		} {
			_, err := send()
			require.NoError(t, err)
		}
		worldtest.Eventually(t, func() bool { return w.Conversation(t, p).Unread == 8 }, "all eight arrive")
		got := lines(t, w, clerk, p)
		require.Equal(t, []string{"event", "text", "image", "voice", "video", "shortvideo", "location", "link", "unsupported"}, kinds(got))
		require.Equal(t, "a\bb\x14c <b>&amp; ]]> 😀\u202e", got[1].Text)
		require.Contains(t, got[6].Payload, "31.23")
		require.Contains(t, got[8].Payload, "Beam")
		for n, m := range got {
			require.EqualValues(t, n+1, m.Seq)
		}
		worldtest.Eventually(t, func() bool {
			found, err := w.Media.ByMessages(t.Context(), []string{got[2].ID, got[3].ID, got[4].ID, got[5].ID})
			require.NoError(t, err)
			ready := 0
			for _, m := range found {
				if m.State == model.MediaReady {
					ready++
				}
			}
			return ready == 4
		}, "pictures, voice and videos are fetched")
	})
}

func TestRead_countsWhatIsLeftAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		for n := range 4 {
			w.Write(t, p, fmt.Sprintf("第%d句", n))
		}
		all := lines(t, w, clerk, p)
		id := w.Conversation(t, p).ID
		require.EqualValues(t, 4, w.Conversation(t, p).Unread)
		require.NoError(t, w.Chat.MarkRead(t.Context(), clerk, id, all[2].ID))
		require.EqualValues(t, 2, w.Conversation(t, p).Unread)
		require.NoError(t, w.Chat.MarkRead(t.Context(), clerk, id, all[1].ID))
		require.EqualValues(t, 2, w.Conversation(t, p).Unread)
		require.NoError(t, w.Chat.MarkRead(t.Context(), clerk, id, all[4].ID))
		require.Zero(t, w.Conversation(t, p).Unread)
		err := w.Chat.MarkRead(t.Context(), clerk, id, model.NewID())
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestList_putsWhoWaitsLongestFirstAndPages(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, first simulator.Person) {
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		people := []simulator.Person{first, w.Person("二"), w.Person("三"), w.Person("四")}
		for _, p := range people[1:] {
			w.Scan(t, p, code.Scene)
		}
		w.Write(t, people[2], "我等得最久")
		w.Write(t, people[1], "我也在等")
		var got []string
		cursor := ""
		for range 4 {
			items, next, err := w.Chat.List(t.Context(), clerk, chat.QueueMine, "", cursor, 1)
			require.NoError(t, err)
			require.Len(t, items, 1)
			got = append(got, items[0].Conversation.ID)
			cursor = next
		}
		require.Empty(t, cursor)
		want := []string{w.Conversation(t, people[2]).ID, w.Conversation(t, people[1]).ID, w.Conversation(t, people[3]).ID, w.Conversation(t, first).ID}
		require.Equal(t, want, got)
		waiting, _, err := w.Chat.List(t.Context(), clerk, chat.QueueWaiting, "", "", 10)
		require.NoError(t, err)
		require.Len(t, waiting, 2)
		_, _, err = w.Chat.List(t.Context(), clerk, chat.QueueMine, "", "nonsense", 10)
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestScope_isInEveryCall(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		w.Write(t, p, "只给小李看")
		id := w.Conversation(t, p).ID
		strangers := []access.Actor{
			w.Clerk(t, "同店别人"), w.Hire(t, "二店店长", model.RoleManager, w.Other), {Kind: model.ByStaff, AccountID: model.NewID(), StaffID: model.NewID(), Role: model.RoleOwner},
		}
		for _, actor := range strangers {
			_, err := w.Chat.Get(t.Context(), actor, id)
			require.True(t, fault.Is(err, fault.NotFound))
			_, _, err = w.Chat.Messages(t.Context(), actor, id, 0, 10)
			require.True(t, fault.Is(err, fault.NotFound))
			_, err = w.Chat.Send(t.Context(), actor, id, chat.Write{ClientID: "x", Kind: model.KindText, Text: "偷偷写"})
			require.True(t, fault.Is(err, fault.NotFound))
			require.True(t, fault.Is(w.Chat.MarkRead(t.Context(), actor, id, id), fault.NotFound))
			_, err = w.Chat.Claim(t.Context(), actor, id)
			require.True(t, fault.Is(err, fault.NotFound))
			for _, queue := range []string{chat.QueueMine, chat.QueueWaiting, chat.QueueStore, chat.QueueUnassigned, chat.QueueAll} {
				items, _, err := w.Chat.List(t.Context(), actor, queue, "", "", 10)
				require.NoError(t, err)
				require.Empty(t, items)
			}
		}
		manager := w.Hire(t, "一店店长", model.RoleManager, w.Store)
		items, _, err := w.Chat.List(t.Context(), manager, chat.QueueAll, "", "", 10)
		require.NoError(t, err)
		require.Len(t, items, 1)
		m := w.Reply(t, manager, p, "m1", "店长来回答")
		w.Becomes(t, m.ID, model.StateAccepted)
		last := lines(t, w, clerk, p)
		require.Equal(t, "一店店长", last[len(last)-1].AuthorName)
		require.Equal(t, clerk.StaffID, last[len(last)-1].OnBehalfOf, "both names stay in the record")
	})
}

func TestNote_staysInTheHouse(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		m, err := w.Chat.Send(t.Context(), clerk, w.Conversation(t, p).ID, chat.Write{ClientID: "n1", Kind: model.KindNote, Text: "她想退货"})
		require.NoError(t, err)
		require.Equal(t, model.StateReceived, m.State)
		reply := w.Reply(t, clerk, p, "r1", "您好")
		w.Becomes(t, reply.ID, model.StateAccepted)
		require.Equal(t, []string{"您好"}, w.Texts(p))
	})
}

func TestPicture_isUploadedOnceAndSent(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		w.Write(t, p, "发张图看看")
		up, err := w.Media.Upload(t.Context(), clerk, model.KindImage, strings.NewReader(tinyGIF))
		require.NoError(t, err)
		m, err := w.Chat.Send(t.Context(), clerk, w.Conversation(t, p).ID, chat.Write{ClientID: "p1", Kind: model.KindImage, MediaID: up.ID})
		require.NoError(t, err)
		w.Becomes(t, m.ID, model.StateAccepted)
		got := w.Sim.Inbox(p.OpenID)
		require.Equal(t, "image", got[len(got)-1].Kind)
		_, err = w.Chat.Send(t.Context(), clerk, w.Conversation(t, p).ID, chat.Write{ClientID: "p2", Kind: model.KindImage, MediaID: model.NewID()})
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

// tinyGIF is a picture of one pixel.
const tinyGIF = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func TestBurst_ofAThousandMessagesKeepsOrderAndCount(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		const many = 1000
		for n := range many {
			_, err := w.Sim.SendText(worldtest.AppID, p.OpenID, fmt.Sprintf("%04d", n))
			require.NoError(t, err)
		}
		for some := int64(100); some <= many; some += 100 { // each is a commit of its own: how long all take is the disk's affair
			worldtest.Eventually(t, func() bool { return w.Conversation(t, p).Unread >= some }, "they go on arriving")
		}
		var texts []string
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Message{}).Where("kind = ?", model.KindText).Order("seq").Pluck("text", &texts).Error)
		require.Len(t, texts, many)
		for n, text := range texts {
			require.Equal(t, fmt.Sprintf("%04d", n), text)
		}
	})
}
