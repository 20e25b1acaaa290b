package transfer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/purchase"
	"liuke/service/sheet"
	"liuke/service/transfer"
	"liuke/service/worker"
	"liuke/service/worldtest"
)

// desk is the room in a world.
type desk struct {
	*worldtest.World
	*transfer.Service
}

func each(t *testing.T, story func(t *testing.T, d desk)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		ring, err := keys.Load(t.Context(), db, [][]byte{bytes.Repeat([]byte{7}, 32)})
		require.NoError(t, err)
		records := audit.New(audit.Deps{DB: db})
		s := transfer.New(transfer.Deps{
			DB: db, Keys: ring, Members: w.Members, Sales: purchase.New(purchase.Deps{DB: db, Members: w.Members, Audit: records}),
			Audit: records, Log: slog.New(slog.DiscardHandler), Owner: model.NewID(),
		})
		group := worker.NewGroup(slog.New(slog.DiscardHandler))
		s.Start(group, worker.NewLeases(db, model.NewID()))
		group.Start(context.WithoutCancel(t.Context()))
		t.Cleanup(func() { require.NoError(t, group.Stop(context.Background())) })
		story(t, desk{w, s})
	})
}

func (d desk) upload(t *testing.T, actor access.Actor, content string) transfer.Uploaded {
	t.Helper()
	up, err := d.Upload(t.Context(), actor, model.ImportMembers, strings.NewReader(content))
	require.NoError(t, err)
	return up
}

// take runs an upload with its guessed mapping to its end.
func (d desk) take(t *testing.T, actor access.Actor, up transfer.Uploaded, duplicates string) model.Import {
	t.Helper()
	_, err := d.Run(t.Context(), actor, model.ImportMembers, up.Import.ID, transfer.Start{Mapping: up.Guess, StoreID: actor.StoreID, Duplicates: duplicates})
	require.NoError(t, err)
	var i model.Import
	worldtest.Eventually(t, func() bool {
		i, err = d.Get(t.Context(), actor, model.ImportMembers, up.Import.ID)
		require.NoError(t, err)
		return i.State != model.ImportRunning
	}, "the import ends")
	require.Equal(t, model.ImportDone, i.State, i.Reason)
	return i
}

func (d desk) refused(t *testing.T, actor access.Actor, id string) map[string]string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, d.Refused(t.Context(), actor, model.ImportMembers, id, &b))
	text, marked := strings.CutPrefix(b.String(), "\xef\xbb\xbf")
	require.True(t, marked)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	reasons := map[string]string{}
	for _, r := range rows[1:] {
		reasons[r[0]] = r[len(r)-1]
	}
	return reasons
}

func TestImport_takesWhatItCanAndSaysWhyNotTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		manager, clerk := d.Hire(t, "店长", model.RoleManager, d.Store), d.Clerk(t, "小李")
		_, err := d.Members.Create(t.Context(), manager, member.Create{Name: "老会员", Phone: "13900000009"})
		require.NoError(t, err)
		up := d.upload(t, manager, "姓名,手机号,卡号,生日,性别,等级,标签,备注,导购,门店编码\n"+
			"王敏,13900000001,C-1,1990/5/1,女,A,二胎、爱跑步,怕冷,小李,S1\n"+
			"重复,13900000001,,,,,,,,\n"+
			"李四,13900000002,,,,,,,没这人,\n"+
			"坏号,12,,,,,,,,\n"+
			"坏日,13900000003,,2月30日,,,,,,\n"+
			"别店,13900000004,,,,,,,,S2\n"+
			"老会员,13900000009,,,,,,,,\n"+
			",13900000005,,,,,,,,\n"+
			"\n"+
			"无主,13900000006,,,,,,,,\n")
		require.Len(t, up.Columns, 10)
		require.Len(t, up.Guess, 10)
		require.Len(t, up.Preview, 9)
		i := d.take(t, manager, up, model.DuplicatesRefuse)
		require.Equal(t, []int64{9, 9, 2, 0, 7}, []int64{i.Total, i.Done, i.Created, i.Updated, i.Refused})
		require.Equal(t, map[string]string{
			"重复": "duplicate", "李四": "clerk_unknown", "坏号": "phone_not_a_phone", "坏日": "birthday_invalid",
			"别店": "store_not_yours", "老会员": "duplicate", "": "name_length",
		}, d.refused(t, manager, i.ID))

		files, _, err := d.Members.List(t.Context(), clerk, member.Filter{Query: "C-1", Limit: 5})
		require.NoError(t, err)
		require.Len(t, files, 1, "the clerk serves her")
		f := files[0]
		require.Equal(t, "139****0001", f.Phone)
		require.Equal(t, []string{"A", "1990-05-01", "female"}, []string{f.Member.Level, f.Facts.Birthday, f.Facts.Sex})
		require.Equal(t, []string{"二胎", "爱跑步"}, f.Tags)
		bindings, _, err := d.Members.Bindings(t.Context(), clerk, f.Member.ID, "", 5)
		require.NoError(t, err)
		require.Equal(t, []string{model.HowImport, i.ID}, []string{bindings[0].How, bindings[0].SourceID})
		moments, _, err := d.Members.Timeline(t.Context(), clerk, f.Member.ID, "", 9)
		require.NoError(t, err)
		require.Len(t, moments, 3, "level, note and binding")

		_, err = d.Run(t.Context(), manager, model.ImportMembers, i.ID, transfer.Start{Mapping: up.Guess, Duplicates: model.DuplicatesRefuse})
		require.Equal(t, "already_started", fault.Of(err).Reason)
		_, err = d.Get(t.Context(), d.Hire(t, "二店店长", model.RoleManager, d.Other), model.ImportMembers, i.ID)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestImport_completesKnownMembersWhenAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		manager := d.Hire(t, "店长", model.RoleManager, d.Store)
		clerk := d.Clerk(t, "小李")
		mine, err := d.Members.Create(t.Context(), manager, member.Create{Name: "王", Phone: "13900000001"})
		require.NoError(t, err)
		_, err = d.Members.Create(t.Context(), d.Owner, member.Create{Name: "别店的", Phone: "13900000002", StoreID: d.Other.ID})
		require.NoError(t, err)
		up := d.upload(t, manager, "姓名;手机;卡号;生日;导购\n王敏;13900000001;C-7;1990-05-01;小李\n换名;13900000002;;;\n")
		i := d.take(t, manager, up, model.DuplicatesUpdate)
		require.Equal(t, []int64{1, 1}, []int64{i.Updated, i.Refused})
		f, err := d.Members.Get(t.Context(), clerk, mine.ID)
		require.NoError(t, err, "who had no clerk gets the row's")
		require.Equal(t, []string{"王敏", "C-7", "1990-05-01"}, []string{f.Member.Name, f.Member.CardNo, f.Facts.Birthday})
		require.Equal(t, map[string]string{"换名": "duplicate"}, d.refused(t, manager, i.ID), "who is not in scope stays as he is")
	})
}

func TestImport_goesOnAfterACrashAndEndsWhenCancelled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		var b strings.Builder
		b.WriteString("姓名,手机\n")
		for n := range 350 {
			fmt.Fprintf(&b, "会员%d,139%08d\n", n, n)
		}
		up := d.upload(t, d.Owner, b.String())
		require.Len(t, up.Preview, 20)
		// The owner of this world has no row among the staff: as somebody who has left.
		_, err := d.Run(t.Context(), d.Owner, model.ImportMembers, up.Import.ID, transfer.Start{Mapping: up.Guess, Duplicates: model.DuplicatesRefuse})
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool {
			i, err := d.Get(t.Context(), d.Owner, model.ImportMembers, up.Import.ID)
			require.NoError(t, err)
			return i.State == model.ImportFailed && i.Reason == "rights_lost"
		}, "who has no rights any more takes nothing in")

		manager := d.Hire(t, "店长", model.RoleManager, d.Store)
		up = d.upload(t, manager, b.String())
		// Another process has taken the first part in and died.
		mapping := `{"name":0,"phone":1}`
		dead := d.DB.Now().UnixMilli() + 300
		_, err = d.DB.Exec(t.Context(), "UPDATE member_imports SET state = 'running', mapping = ?, store_id = ?, duplicates = 'refuse', owner = 'dead', lease_until = ?, done = 100, created = 100 WHERE id = ?",
			mapping, d.Store.ID, dead, up.Import.ID)
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool {
			i, err := d.Get(t.Context(), manager, model.ImportMembers, up.Import.ID)
			require.NoError(t, err)
			return i.State == model.ImportDone && i.Created == 350
		}, "another process goes on where it stood")
		var n int64
		require.NoError(t, d.DB.Read(t.Context()).Model(&model.Member{}).Where("store_id = ?", d.Store.ID).Count(&n).Error)
		require.EqualValues(t, 250, n, "the first hundred rows were not taken in again")

		up = d.upload(t, manager, b.String())
		i, err := d.Cancel(t.Context(), manager, model.ImportMembers, up.Import.ID)
		require.NoError(t, err)
		require.Equal(t, model.ImportCancelled, i.State)
		_, err = d.Cancel(t.Context(), manager, model.ImportMembers, up.Import.ID)
		require.Equal(t, "over", fault.Of(err).Reason)
	})
}

func TestUpload_readsSpreadsheetsAndOldEncodings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		manager := d.Hire(t, "店长", model.RoleManager, d.Store)
		f := excelize.NewFile()
		require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"姓名", "手机号", "生日"}))
		require.NoError(t, f.SetSheetRow("Sheet1", "A2", &[]any{"王敏", 13900000001, 32994}))
		book, err := f.WriteToBuffer()
		require.NoError(t, err)
		require.NoError(t, f.Close())
		up := d.upload(t, manager, book.String())
		require.EqualValues(t, 1, d.take(t, manager, up, model.DuplicatesRefuse).Created)
		files, _, err := d.Members.List(t.Context(), manager, member.Filter{Query: "13900000001", Limit: 2})
		require.NoError(t, err)
		require.Equal(t, "1990-05-01", files[0].Facts.Birthday)

		old, err := simplifiedchinese.GB18030.NewEncoder().String("姓名\t手机号\n張三\t13900000002\n")
		require.NoError(t, err)
		up = d.upload(t, manager, old)
		require.Equal(t, [][]string{{"張三", "13900000002"}}, up.Preview)
		require.Equal(t, []string{"姓名", "手机号"}, d.upload(t, manager, "\xef\xbb\xbf姓名,手机号\n甲,1\n").Columns)

		for name, bad := range map[string]string{
			"empty": "", "headings only": "姓名,手机\n", "a picture": "\x89PNG\r\n\x1a\n\x00\x00", "a broken book": "PK\x03\x04nonsense",
			"wide": strings.Repeat("a,", 80) + "\n", "a long row": "姓名\n" + strings.Repeat("长", 5000) + "\n",
		} {
			_, err := d.Upload(t.Context(), manager, model.ImportMembers, strings.NewReader(bad))
			require.True(t, fault.Is(err, fault.Invalid), "%s: %v", name, err)
		}
		_, err = d.Upload(t.Context(), manager, model.ImportMembers, strings.NewReader("n\n"+strings.Repeat("x\n", model.MaxImportRows+1)))
		require.True(t, fault.Is(err, fault.TooLarge))
		_, err = d.Upload(t.Context(), d.Clerk(t, "小李"), model.ImportMembers, strings.NewReader("姓名\n甲\n"))
		require.True(t, fault.Is(err, fault.Forbidden))
		var sealed [][]byte
		require.NoError(t, d.DB.Read(t.Context()).Model(&model.ImportPart{}).Pluck("sealed", &sealed).Error)
		for _, s := range sealed {
			require.NotContains(t, string(s), "1390000000")
		}
	})
}

func TestExport_givesWhatTheActorMaySeeAndPhonesToTheOwnerAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		manager := d.Hire(t, "店长", model.RoleManager, d.Store)
		_, err := d.Members.Create(t.Context(), manager, member.Create{Name: "=1+1", Phone: "13900000001"})
		require.NoError(t, err)
		_, err = d.Members.Create(t.Context(), d.Owner, member.Create{Name: "别店的", Phone: "13900000002", StoreID: d.Other.ID})
		require.NoError(t, err)
		get := func(actor access.Actor, kind string, phones bool) string {
			var b bytes.Buffer
			require.NoError(t, d.Export(t.Context(), actor, kind, member.Filter{}, phones, &b))
			return b.String()
		}
		mine := get(manager, sheet.CSV, false)
		require.Contains(t, mine, "'=1+1", "no formula")
		require.NotContains(t, mine, "别店的")
		require.NotContains(t, mine, "13900000001")
		require.Contains(t, get(d.Owner, sheet.CSV, true), "+8613900000002")
		book, err := excelize.OpenReader(strings.NewReader(get(d.Owner, sheet.XLSX, true)))
		require.NoError(t, err)
		rows, err := book.GetRows("Sheet1")
		require.NoError(t, err)
		require.NoError(t, book.Close())
		require.Len(t, rows, 3)
		var b bytes.Buffer
		require.True(t, fault.Is(d.Export(t.Context(), manager, sheet.CSV, member.Filter{}, true, &b), fault.Forbidden))
		require.Zero(t, b.Len())
		var n int64
		require.NoError(t, d.DB.Read(t.Context()).Model(&model.Audit{}).Where("action = 'member.export'").Count(&n).Error)
		require.EqualValues(t, 3, n)
	})
}
