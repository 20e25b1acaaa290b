package member_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
)

// each runs a story in a world of its own on every database.
func each(t *testing.T, story func(t *testing.T, w *worldtest.World)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { story(t, worldtest.New(t, db)) })
}

func ptr[T any](v T) *T { return &v }

func create(t *testing.T, w *worldtest.World, actor access.Actor, name, phone string) model.Member {
	t.Helper()
	m, err := w.Members.Create(t.Context(), actor, member.Create{Name: name, Phone: phone})
	require.NoError(t, err)
	return m
}

func file(t *testing.T, w *worldtest.World, actor access.Actor, id string) member.File {
	t.Helper()
	f, err := w.Members.Get(t.Context(), actor, id)
	require.NoError(t, err)
	return f
}

func TestEdit_keepsFactsInALedgerAndTellsTodays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "小李")
		m := create(t, w, clerk, "王宝妈", "13900000001")
		edit := func(e member.Edit) member.File {
			f, err := w.Members.Edit(t.Context(), clerk, m.ID, e)
			require.NoError(t, err)
			return f
		}
		edit(member.Edit{Birthday: ptr("1990-05-01"), Sex: ptr("female")})
		f := edit(member.Edit{
			Name: ptr("王敏"), Birthday: ptr("1990-05-02"), Children: &[]model.Child{{Name: "小宝", Birthday: "2024-02-29", Sex: "male"}},
			Channel: ptr("wechat"), Hours: ptr("晚上八点后"), Class: ptr(model.ClassSeed), SubClass: ptr("孕期"), CardNo: ptr("C-7"),
		})
		require.Equal(t, "王敏", f.Member.Name)
		require.Equal(t, "wm", f.Member.Initials)
		require.Equal(t, member.Facts{
			Birthday: "1990-05-02", Sex: "female", Children: []model.Child{{Name: "小宝", Birthday: "2024-02-29", Sex: "male"}},
			Channel: "wechat", Hours: "晚上八点后",
		}, f.Facts)
		require.Equal(t, []string{"seed", "孕期"}, []string{f.Class.Class, f.Class.SubClass})
		f = edit(member.Edit{Sex: ptr(""), Class: ptr(model.ClassKey)})
		require.Empty(t, f.Facts.Sex)
		require.Equal(t, []string{"key", ""}, []string{f.Class.Class, f.Class.SubClass}, "a new class begins without a sub-class")
		edit(member.Edit{Birthday: ptr("1990-05-02")})

		var birthdays []string
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Attribute{}).Where("name = ?", model.AttributeBirthday).Order("id").Pluck("value", &birthdays).Error)
		require.Equal(t, []string{`"1990-05-01"`, `"1990-05-02"`}, birthdays)
		found, _, err := w.Members.List(t.Context(), clerk, member.Filter{Query: "C-7", Limit: 5})
		require.NoError(t, err)
		require.Len(t, found, 1)
		for _, bad := range []member.Edit{
			{Birthday: ptr("1990-02-30")},
			{Birthday: ptr("2990-02-03")},
			{Sex: ptr("x")},
			{Channel: ptr("pigeon")},
			{Class: ptr("gold")},
			{Name: ptr(" ")},
			{Phone: ptr("12")},
			{Children: &[]model.Child{{Name: "无生日"}}},
			{Class: ptr(""), SubClass: ptr("x")},
		} {
			_, err := w.Members.Edit(t.Context(), clerk, m.ID, bad)
			require.True(t, fault.Is(err, fault.Invalid), "%+v: %v", bad, err)
		}
		_, err = w.Members.Edit(t.Context(), w.Clerk(t, "别人"), m.ID, member.Edit{Name: ptr("x")})
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestEdit_ofAPhoneMovesWhatLeadsToHim(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "小李")
		m := create(t, w, clerk, "甲", "13900000001")
		other := create(t, w, clerk, "乙", "13900000002")
		_, err := w.Members.Edit(t.Context(), clerk, m.ID, member.Edit{Phone: ptr("13900000002")})
		require.Equal(t, "duplicate", fault.Of(err).Reason)
		require.Equal(t, other.ID, fault.Of(err).Extra["id"])
		f, err := w.Members.Edit(t.Context(), clerk, m.ID, member.Edit{Phone: ptr("13900000003")})
		require.NoError(t, err)
		require.Equal(t, "139****0003", f.Phone)
		create(t, w, clerk, "丙", "13900000001") // the old number is free again
		f, err = w.Members.Edit(t.Context(), clerk, m.ID, member.Edit{Phone: ptr("")})
		require.NoError(t, err)
		require.Empty(t, f.Phone)
	})
}

func TestTags_areCountedInScopeAndFilterTheList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		mine, other := w.Clerk(t, "小李"), w.Clerk(t, "小张")
		a, b := create(t, w, mine, "甲", ""), create(t, w, other, "乙", "")
		got, err := w.Members.SetTags(t.Context(), mine, a.ID, []string{" 爱跑步 ", "二胎", "二胎"})
		require.NoError(t, err)
		require.Equal(t, []string{"二胎", "爱跑步"}, got)
		_, err = w.Members.SetTags(t.Context(), other, b.ID, []string{"二胎"})
		require.NoError(t, err)
		tags, next, err := w.Members.Tags(t.Context(), mine, "", 1)
		require.NoError(t, err)
		require.Equal(t, []member.TagCount{{Tag: "二胎", Count: 1}}, tags)
		rest, _, err := w.Members.Tags(t.Context(), w.Owner, next, 5)
		require.NoError(t, err)
		require.Equal(t, []member.TagCount{{Tag: "爱跑步", Count: 1}}, rest)

		_, err = w.Members.Edit(t.Context(), mine, a.ID, member.Edit{Class: ptr(model.ClassKey), SubClass: ptr("老客")})
		require.NoError(t, err)
		list := func(f member.Filter) int {
			f.Limit = 10
			files, _, err := w.Members.List(t.Context(), w.Owner, f)
			require.NoError(t, err)
			return len(files)
		}
		require.Equal(t, 2, list(member.Filter{Tag: "二胎"}))
		require.Equal(t, 1, list(member.Filter{Tag: "爱跑步", Class: model.ClassKey, Unbound: ptr(false)}))
		require.Zero(t, list(member.Filter{Class: model.ClassSeed}))
		require.Zero(t, list(member.Filter{Level: "A"}))
		p := w.Person("路人")
		w.Follow(t, p)
		require.Equal(t, 1, list(member.Filter{Subscribed: ptr(true)}))
		require.Equal(t, 2, list(member.Filter{Subscribed: ptr(false)}))
		require.Equal(t, 1, list(member.Filter{Unbound: ptr(true)}))

		c, err := w.Members.Counts(t.Context(), w.Owner, member.Filter{})
		require.NoError(t, err)
		require.Equal(t, member.Counts{
			Total: 3, Subscribed: 1, Unbound: 1, Classes: []member.ClassCount{{Class: "key", SubClass: "老客", Count: 1}},
			Levels: []member.LevelCount{{Count: 3}}, Tags: []member.TagCount{{Tag: "二胎", Count: 2}, {Tag: "爱跑步", Count: 1}},
		}, c)
		c, err = w.Members.Counts(t.Context(), w.Owner, member.Filter{Tag: "爱跑步", Class: model.ClassKey, SubClass: "老客"})
		require.NoError(t, err)
		require.EqualValues(t, 1, c.Total)
		require.Equal(t, []member.TagCount{{Tag: "二胎", Count: 1}, {Tag: "爱跑步", Count: 1}}, c.Tags, "what another tag would give")
		require.Equal(t, []member.LevelCount{{Count: 1}}, c.Levels)
		require.Zero(t, list(member.Filter{Class: model.ClassKey, SubClass: "新客"}))
		require.Equal(t, 1, list(member.Filter{Class: model.ClassKey, SubClass: "老客"}))
		c, err = w.Members.Counts(t.Context(), other, member.Filter{})
		require.NoError(t, err)
		require.EqualValues(t, 1, c.Total)
		require.Empty(t, c.Classes)
	})
}

func TestTags_ofTwoPeopleAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, manager := w.Clerk(t, "小李"), w.Hire(t, "店长", model.RoleManager, w.Store)
		m := create(t, w, clerk, "甲", "")
		change := func(actor access.Actor, add, remove []string) []string {
			tags, err := w.Members.ChangeTags(t.Context(), actor, m.ID, add, remove)
			require.NoError(t, err)
			return tags
		}
		change(clerk, []string{"二胎"}, nil)
		require.Equal(t, []string{"二胎", "爱跑步"}, change(manager, []string{" 爱跑步 "}, nil))
		require.Equal(t, []string{"怕冷", "爱跑步"}, change(clerk, []string{"怕冷"}, []string{"二胎"}))
		require.Equal(t, []string{"怕冷", "爱跑步"}, change(clerk, nil, []string{"没有的"}))
		require.Equal(t, []string{"怕冷", "爱跑步"}, file(t, w, clerk, m.ID).Tags)
		for n := range model.MaxTags - 2 {
			change(clerk, []string{strconv.Itoa(n)}, nil)
		}
		_, err := w.Members.ChangeTags(t.Context(), clerk, m.ID, []string{"再多一个"}, nil)
		require.True(t, fault.Is(err, fault.Invalid))
		_, err = w.Members.ChangeTags(t.Context(), w.Clerk(t, "别人"), m.ID, []string{"x"}, nil)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestEdit_writesNoChildrenOverAColleagues(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "小李")
		m := create(t, w, clerk, "甲", "")
		first, second := model.Child{Birthday: "2020-01-02"}, model.Child{Birthday: "2024-03-04", Sex: "male"}
		edit := func(were []model.Child, now ...model.Child) error {
			_, err := w.Members.Edit(t.Context(), clerk, m.ID, member.Edit{Children: &now, ChildrenWere: &were})
			return err
		}
		require.NoError(t, edit(nil, first))
		require.Equal(t, "changed_meanwhile", fault.Of(edit(nil, second)).Reason)
		require.NoError(t, edit(nil, first), "the same again, after an answer that was lost")
		require.NoError(t, edit([]model.Child{first}, first, second))
		require.Equal(t, []model.Child{first, second}, file(t, w, clerk, m.ID).Facts.Children)
	})
}

func TestConversation_isNamedToWhoMayOpenIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, manager := w.Clerk(t, "小李"), w.Hire(t, "店长", model.RoleManager, w.Store)
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		p := w.Person("豆豆妈")
		w.Scan(t, p, code.Scene)
		m := w.Member(t, p)
		create(t, w, clerk, "没聊过的", "")
		want := w.Conversation(t, p).ID
		for _, actor := range []access.Actor{clerk, manager, w.Owner} {
			require.Equal(t, want, file(t, w, actor, m.ID).ConversationID)
			list, _, err := w.Members.List(t.Context(), actor, member.Filter{Limit: 10})
			require.NoError(t, err)
			named := map[string]string{}
			for _, f := range list {
				named[f.Member.Name] = f.ConversationID
			}
			require.Equal(t, map[string]string{m.Name: want, "没聊过的": ""}, named)
		}
	})
}

func TestNotes_goByTheirAuthorOrTheManager(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, manager := w.Clerk(t, "小李"), w.Hire(t, "店长", model.RoleManager, w.Store)
		m := create(t, w, clerk, "甲", "")
		mine, err := w.Members.AddNote(t.Context(), clerk, m.ID, "怕冷")
		require.NoError(t, err)
		theirs, err := w.Members.AddNote(t.Context(), manager, m.ID, "要回访")
		require.NoError(t, err)
		notes, next, err := w.Members.Notes(t.Context(), clerk, m.ID, "", 1)
		require.NoError(t, err)
		require.Equal(t, theirs.ID, notes[0].ID)
		require.NotEmpty(t, next)
		require.True(t, fault.Is(w.Members.DeleteNote(t.Context(), clerk, m.ID, theirs.ID), fault.Forbidden))
		require.NoError(t, w.Members.DeleteNote(t.Context(), manager, m.ID, mine.ID))
		require.True(t, fault.Is(w.Members.DeleteNote(t.Context(), manager, m.ID, mine.ID), fault.NotFound))
		_, err = w.Members.AddNote(t.Context(), clerk, m.ID, "  ")
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestTimeline_isOneListOfEverythingAndPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "小李")
		m := create(t, w, clerk, "甲", "13900000001")
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.ID})
		p := w.Person("甲的手机")
		w.Follow(t, p)
		w.Scan(t, p, code.Scene)
		require.NoError(t, w.Sim.Unfollow(worldtest.AppID, p.OpenID))
		worldtest.Eventually(t, func() bool { return !w.Follower(t, p).Subscribed }, "unfollow seen")
		_, err := w.Members.AddNote(t.Context(), clerk, m.ID, "怕冷")
		require.NoError(t, err)

		whole, next, err := w.Members.Timeline(t.Context(), clerk, m.ID, "", 50)
		require.NoError(t, err)
		require.Empty(t, next)
		var kinds []string
		for _, at := range whole {
			kinds = append(kinds, at.Kind)
		}
		require.ElementsMatch(t, []string{
			member.MomentNote, member.MomentUnfollow, member.MomentScan, member.MomentMerge, member.MomentFollow, member.MomentBinding,
		}, kinds)
		require.Equal(t, member.MomentNote, kinds[0])
		var paged []string
		for cursor := ""; ; {
			part, next, err := w.Members.Timeline(t.Context(), clerk, m.ID, cursor, 2)
			require.NoError(t, err)
			for _, at := range part {
				paged = append(paged, at.Kind)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		require.Equal(t, kinds, paged)
		_, _, err = w.Members.Timeline(t.Context(), clerk, m.ID, "nonsense", 2)
		require.True(t, fault.Is(err, fault.Invalid))
	})
}
