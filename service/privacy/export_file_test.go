package privacy_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/privacy"
	"liuke/service/worldtest"
)

// file exports a member and reads what came out: his rows by table, and the other files by name.
func (h house) file(actor access.Actor, memberID string) (map[string][]map[string]any, map[string][]byte) {
	h.t.Helper()
	var out bytes.Buffer
	ask := privacy.Ask{Cause: model.EraseWish, How: model.WishByLetter}
	require.NoError(h.t, h.Export(h.t.Context(), actor, memberID, ask, func() io.Writer { return &out }))
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(h.t, err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(h.t, err)
		files[f.Name], err = io.ReadAll(r)
		require.NoError(h.t, err)
	}
	var data struct {
		Tables map[string][]map[string]any `json:"tables"`
	}
	require.NoError(h.t, json.Unmarshal(files["member.json"], &data))
	delete(files, "member.json")
	return data.Tables, files
}

// All that an erasure would take of a person stands in his file, with his pictures, and nothing of anybody else.
func TestExport_hasAllOfAPersonAndNothingOfAnother(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		other := h.Person("别人")
		h.Follow(h.t, other)
		h.Write(h.t, other, "别人的话")
		p, m := h.guest()
		h.fill(p, m)
		_, err := h.Sim.SendImage(worldtest.AppID, p.OpenID, nil)
		require.NoError(h.t, err)
		talk := h.Conversation(h.t, p)
		var picture model.Media
		worldtest.Eventually(h.t, func() bool {
			return h.DB.Read(h.t.Context()).First(&picture, "conversation_id = ? AND state = ? AND blob_key <> ?", talk.ID, model.MediaReady, mark).Error == nil
		}, "the picture is fetched")
		h.exec("DELETE FROM media WHERE blob_key = ?", mark) // it stands for no file
		rows := make([]model.Message, 1200)
		for i := range rows {
			rows[i] = model.Message{
				Shard: model.Shard(talk.ID), ConversationID: talk.ID, Seq: int64(10_000 + i), ID: model.NewID(), AccountID: h.Account.ID,
				Direction: model.In, Kind: model.KindText, Text: fmt.Sprintf("=1+%d", i), State: model.StateReceived, AuthorKind: model.ByMember,
			}
		}
		require.NoError(h.t, h.DB.InTx(h.t.Context(), func(tx *database.Tx) error { return tx.CreateInBatches(&rows, 200).Error }))

		tables, files := h.file(h.Owner, m.ID)
		require.Equal(h.t, hisName, tables["members"][0]["name"])
		require.Equal(h.t, "+86"+hisPhone, tables["members"][0]["phone"])
		require.NotContains(h.t, tables["members"][0], "phone_sealed")
		require.Equal(h.t, p.OpenID, tables["followers"][0]["openid"])
		require.Equal(h.t, mark, tables["member_notes"][0]["text"])
		require.Equal(h.t, mark, tables["complaints"][0]["text"])
		require.GreaterOrEqual(h.t, len(tables["messages"]), 1202, "more than a page")
		require.Len(h.t, files, 1)
		for name, content := range files {
			require.Contains(h.t, name, picture.ID)
			require.Len(h.t, content, int(picture.Size))
		}
		text, err := json.Marshal(tables)
		require.NoError(h.t, err)
		require.NotContains(h.t, string(text), "别人的话")
		require.NotContains(h.t, string(text), other.OpenID)
		require.Equal(h.t, int64(1), h.records("privacy.export"))

		manager := h.Hire(h.t, "店长", model.RoleManager, h.Store)
		tables, _ = h.file(manager, m.ID)
		require.Equal(h.t, "139****5678", tables["members"][0]["phone"])
		require.NotContains(h.t, tables, "complaints", "they are the owner's")
	})
}

func TestExport_isRefusedBeforeItsFirstByte(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		_, m := h.guest()
		manager := h.Hire(h.t, "店长", model.RoleManager, h.Store)
		far := h.Hire(h.t, "别店店长", model.RoleManager, h.Other)
		leaver := manager
		leaver.Leaving = true
		wish := privacy.Ask{Cause: model.EraseWish, How: model.WishByPhone}
		for _, c := range []struct {
			who    access.Actor
			ask    privacy.Ask
			kind   fault.Kind
			reason string
		}{
			{h.clerk, wish, fault.Forbidden, "managers_only"},
			{leaver, wish, fault.Forbidden, "leaving"},
			{far, wish, fault.NotFound, "member_not_found"},
			{manager, privacy.Ask{}, fault.Invalid, ""},
			{manager, privacy.Ask{Cause: model.EraseNoPurpose}, fault.Invalid, ""},
			{manager, privacy.Ask{Cause: model.ExportAuthority, How: model.WishByPhone}, fault.Invalid, ""},
		} {
			err := h.Export(h.t.Context(), c.who, m.ID, c.ask, func() io.Writer {
				require.Fail(h.t, "nothing may be written")
				return io.Discard
			})
			require.Equal(h.t, c.kind, fault.Of(err).Kind, "%+v", c)
			if c.reason != "" {
				require.Equal(h.t, c.reason, fault.Of(err).Reason)
			}
		}
		require.Zero(h.t, h.records("privacy.export"))
	})
}
