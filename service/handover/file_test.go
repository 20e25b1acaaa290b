package handover_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/member"
	"liuke/service/sheet"
	"liuke/service/staff"
)

// book writes rows as a file of a kind.
func book(t *testing.T, kind string, rows ...[]string) string {
	t.Helper()
	var b bytes.Buffer
	table, err := sheet.New(kind, &b)
	require.NoError(t, err)
	for _, r := range rows {
		require.NoError(t, table.Row(r))
	}
	require.NoError(t, sheet.Finish(table, nil))
	return b.String()
}

func (w *world) read(t *testing.T, actor, from access.Actor, content string) handover.FileMoves {
	t.Helper()
	out, err := w.handover.ReadMoves(t.Context(), actor, from.StaffID, strings.NewReader(content))
	require.NoError(t, err)
	return out
}

func (w *world) card(t *testing.T, clerk access.Actor, name, phone, card string) string {
	t.Helper()
	m, err := w.Members.Create(t.Context(), clerk, member.Create{Name: name, Phone: phone, CardNo: card})
	require.NoError(t, err)
	return m.ID
}

func TestReadMoves_tellsWhatItUnderstoodAndWhyNotTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		from, b, left := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "走了")
		w.Clerk(t, "同名")
		w.Clerk(t, "同名")
		away := w.Hire(t, "外店", model.RoleClerk, w.Other)
		w.Hire(t, "乙", model.RoleClerk, w.Other)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, left.StaffID))
		one := w.card(t, from, "豆豆妈", "13911110001", "C1")
		two := w.card(t, from, "果果妈", "13911110002", "C2")
		three := w.card(t, from, "米米妈", "13911110003", "C3")
		w.card(t, b, "别人的", "13911110004", "C4")
		w.card(t, away, "外店的", "13911110005", "C5")
		content := book(t, sheet.XLSX,
			[]string{"卡号", " 手机 ", "会员编号", "备注", "接手导购"},
			[]string{"C1", "", "", "", "乙"},
			[]string{"", "139 1111 0002", "", "x", "乙"},
			[]string{"", "", three, "", "乙"},
			[]string{"C1", "13911110001", one, "", "乙"},
			[]string{"C9", "", "", "", "乙"},
			[]string{"C1", "13911110002", "", "", "乙"},
			[]string{"C4", "", "", "", "乙"},
			[]string{"C5", "", "", "", "乙"},
			[]string{"C2", "", "", "", "没有的人"},
			[]string{"C2", "", "", "", "同名"},
			[]string{"C2", "", "", "", "走了"},
			[]string{"C2", "", "", "", "甲"},
			[]string{"C2", "", "", "", "外店"},
			[]string{"", "", "", "备注", "乙"},
			[]string{"C2", "", "", "备注"},
		)
		got := w.read(t, manager, from, content)
		require.EqualValues(t, 15, got.Total)
		require.Equal(t, []handover.FileMove{
			{ByHand: handover.ByHand{MemberID: one, ToClerkID: b.StaffID}, Row: 2, MemberName: "豆豆妈"},
			{ByHand: handover.ByHand{MemberID: two, ToClerkID: b.StaffID}, Row: 3, MemberName: "果果妈"},
			{ByHand: handover.ByHand{MemberID: three, ToClerkID: b.StaffID}, Row: 4, MemberName: "米米妈"},
		}, got.Moves)
		reasons := map[int64]string{}
		for _, r := range got.Refused {
			reasons[r.Row] = r.Reason
		}
		require.Equal(t, map[int64]string{
			5: "duplicate", 6: "member_unknown", 7: "member_two", 8: "not_his", 9: "member_unknown", 10: "clerk_unknown",
			11: "clerk_ambiguous", 12: "clerk_left", 13: "to_himself", 14: "clerk_unknown", 15: "empty", 16: "empty",
		}, reasons)
		require.Equal(t, handover.FileRow{Row: 7, CardNo: "C1", Phone: "13911110002", Clerk: "乙"}, got.Refused[2].FileRow)

		// The owner sees more: two of one name, and the member of the other store.
		got = w.read(t, w.Owner, from, book(t, sheet.CSV, []string{"卡号", "导购"}, []string{"C1", "乙"}, []string{"C5", "外店"}, []string{"C2", "外店"}))
		require.Equal(t, []string{"clerk_ambiguous", "not_his"}, []string{got.Refused[0].Reason, got.Refused[1].Reason})
		require.Equal(t, away.StaffID, got.Moves[0].ToClerkID)

		var n int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Handover{}).Count(&n).Error)
		require.Zero(t, n)
		var seen []model.Audit
		require.NoError(t, w.DB.Read(t.Context()).Where("action = ?", "handover.read_file").Order("id").Find(&seen).Error)
		require.Len(t, seen, 2)
		require.Equal(t, []string{manager.StaffID, from.StaffID, "rows:15 refused:12"}, []string{seen[0].ActorID, seen[0].ObjectID, seen[0].Detail})

		// What was understood is a plan.
		moves := []handover.ByHand{{MemberID: one, ToClerkID: b.StaffID}, {MemberID: two, ToClerkID: b.StaffID}}
		p, err := w.handover.Plan(t.Context(), manager, handover.Plan{FromClerkID: from.StaffID, Moves: moves})
		require.NoError(t, err)
		require.EqualValues(t, 2, p.Handover.Total)
	})
}

func TestReadMoves_knowsChineseFilesAndPhonesOfClerks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		phone := "13700000077"
		_, err := w.Staff.Update(t.Context(), w.Owner, b.StaffID, staff.Update{Phone: &phone})
		require.NoError(t, err)
		one := w.card(t, from, "豆豆妈", "13911110001", "000123")
		gb, err := simplifiedchinese.GB18030.NewEncoder().String("手机号;接手导购手机\r\n1.3911110001E10;137 0000 0077\r\n")
		require.NoError(t, err)
		for _, content := range []string{gb, "card_no\tclerk\n000123\t+8613700000077\n"} {
			got := w.read(t, w.Owner, from, content)
			require.Empty(t, got.Refused)
			require.Equal(t, handover.ByHand{MemberID: one, ToClerkID: b.StaffID}, got.Moves[0].ByHand)
		}
	})
}

func TestReadMoves_refusesFilesAndPeople(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		away := w.Hire(t, "外店", model.RoleClerk, w.Other)
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		for name, c := range map[string]struct {
			actor, from access.Actor
			content     string
			kind        fault.Kind
			word        string
		}{
			"empty file":       {manager, from, "", fault.Invalid, "empty"},
			"headings alone":   {manager, from, "卡号,导购\n", fault.Invalid, "empty"},
			"no clerk":         {manager, from, "卡号,姓名\nC1,豆豆妈\n", fault.Invalid, "no_clerk_column"},
			"no member":        {manager, from, "姓名,导购\n豆豆妈,乙\n", fault.Invalid, "no_member_column"},
			"no table":         {manager, from, "\x00\x01", fault.Invalid, "unreadable"},
			"too many rows":    {manager, from, "卡号,导购\n" + strings.Repeat("C1,乙\n", model.MaxMoves+1), fault.TooLarge, "too_many_rows"},
			"too many bytes":   {manager, from, strings.Repeat("x", model.MaxImportBytes+1), fault.TooLarge, "too_large"},
			"another's store":  {manager, away, "卡号,导购\nC1,乙\n", fault.NotFound, "clerk_not_found"},
			"a clerk may not":  {b, from, "卡号,导购\nC1,乙\n", fault.Forbidden, "not_allowed"},
			"nobody in charge": {w.Owner, access.Actor{StaffID: "小明"}, "卡号,导购\nC1,乙\n", fault.NotFound, "clerk_not_found"},
		} {
			_, err := w.handover.ReadMoves(t.Context(), c.actor, c.from.StaffID, strings.NewReader(c.content))
			f := fault.Of(err)
			require.NotNil(t, f, "%s: %v", name, err)
			require.Equal(t, c.kind, f.Kind, name)
			word := f.Reason
			if len(f.Fields) > 0 {
				word = f.Fields[0].Reason
			}
			require.Equal(t, c.word, word, name)
		}
	})
}

func TestReadMoves_ofManyRowsAsksInChunks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		const n = 20_000
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		rows := []string{"卡号,导购"}
		members := make([]model.Member, n)
		cards := make([]model.Identity, n)
		for i := range members {
			card := fmt.Sprintf("K%06d", i)
			members[i] = model.Member{ID: model.NewID(), AccountID: w.Account.ID, StoreID: w.Store.ID, ClerkID: from.StaffID, Name: card, CardNo: card}
			cards[i] = model.Identity{AccountID: w.Account.ID, Kind: model.IdentityCard, Value: card, MemberID: members[i].ID}
			rows = append(rows, card+",乙")
		}
		require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error {
			if err := tx.CreateInBatches(&members, 500).Error; err != nil {
				return err
			}
			return tx.CreateInBatches(&cards, 500).Error
		}))
		begin := time.Now()
		got := w.read(t, w.Owner, from, strings.Join(rows, "\n"))
		t.Logf("%d rows in %s", n, time.Since(begin)) // told, not held: it depends on the machine
		require.Len(t, got.Moves, n)
		require.Equal(t, "K019999", got.Moves[n-1].MemberName)
		require.Equal(t, b.StaffID, got.Moves[n-1].ToClerkID)
	})
}
