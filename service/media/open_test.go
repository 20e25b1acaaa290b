package media_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

func (w *world) attach(actor access.Actor, mediaID, kind string, c model.Conversation) error {
	w.t.Helper()
	return w.db.InTx(w.t.Context(), func(tx *database.Tx) error {
		return w.s.AttachTx(tx, actor, mediaID, c.ID, model.NewID(), kind)
	})
}

func TestOpen_isForThoseInScopeAtThatMoment(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		mine, other := w.clerk(), w.clerk()
		c := w.conversation(mine.StaffID)
		file := picture(t, 1, 1)
		w.wechat.put("pic", file)
		id := w.requestFor(c, model.KindImage, "pic")
		_, err := w.read(mine, id)
		refused(t, err, fault.Conflict, "not_ready")
		_, err = w.read(other, id)
		refused(t, err, fault.NotFound, "media_not_found")
		w.fetch()

		got, err := w.read(mine, id)
		require.NoError(t, err)
		require.Equal(t, file, got)
		stranger := mine
		stranger.AccountID = model.NewID()
		for name, actor := range map[string]access.Actor{
			"another clerk": other, "another account": stranger, "nobody": {}, "another account's owner": {
				Kind: model.ByStaff, AccountID: stranger.AccountID, Role: model.RoleOwner,
			},
		} {
			_, err = w.read(actor, id)
			require.Error(t, err, name)
			refused(t, err, fault.NotFound, "media_not_found")
		}
		_, err = w.db.Exec(t.Context(), "UPDATE conversations SET clerk_id = ? WHERE id = ?", other.StaffID, c.ID)
		require.NoError(t, err)
		_, err = w.read(mine, id)
		refused(t, err, fault.NotFound, "media_not_found")
		_, err = w.read(other, id)
		require.NoError(t, err)
		for _, bad := range []string{"", "../x", strings.ToUpper(id), model.NewID()} {
			_, err = w.read(other, bad)
			refused(t, err, fault.NotFound, "media_not_found")
		}
	})
}

func TestOpen_tellsWhatFailedAndWhatIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		me := w.clerk()
		c := w.conversation(me.StaffID)
		gone := w.requestFor(c, model.KindImage, "unknown")
		w.fetch()
		_, err := w.read(me, gone)
		refused(t, err, fault.NotFound, "media_failed")

		up, err := w.s.Upload(t.Context(), me, model.KindVoice, strings.NewReader(amr))
		require.NoError(t, err)
		away := &brokenStore{Store: w.store}
		away.fail.Store(true)
		_, _, err = w.instance(away).Open(t.Context(), me, up.ID)
		refused(t, err, fault.Unavailable, "media_store")
		require.NoError(t, w.store.Delete(t.Context(), up.BlobKey))
		_, err = w.read(me, up.ID)
		require.Error(t, err)
		require.Nil(t, fault.Of(err), "our own loss is for the log")
	})
}

func TestAttach_givesAnUploadToOneMessage(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		me, other := w.clerk(), w.clerk()
		c := w.conversation(me.StaffID)
		up, err := w.s.Upload(t.Context(), me, model.KindVoice, strings.NewReader(amr))
		require.NoError(t, err)
		_, err = w.read(other, up.ID)
		refused(t, err, fault.NotFound, "media_not_found")

		wrong := func(err error) {
			t.Helper()
			refused(t, err, fault.NotFound, "not_found")
			require.Equal(t, []fault.Field{{Name: "media_id", Reason: "not_found"}}, fault.Of(err).Fields)
		}
		wrong(w.attach(other, up.ID, model.KindVoice, c))
		wrong(w.attach(me, up.ID, model.KindImage, c))
		wrong(w.attach(me, model.NewID(), model.KindVoice, c))
		wrong(w.attach(me, "x", model.KindVoice, c))
		w.wechat.put("pic", picture(t, 1, 1))
		inbound := w.requestFor(model.Conversation{}, model.KindImage, "pic")
		w.fetch()
		wrong(w.attach(me, inbound, model.KindImage, c))
		wrong(w.attach(access.System(w.account.ID), inbound, model.KindImage, c))

		require.NoError(t, w.attach(me, up.ID, model.KindVoice, c))
		require.Equal(t, c.ID, w.row(up.ID).ConversationID)
		wrong(w.attach(me, up.ID, model.KindVoice, c))
		_, err = w.db.Exec(t.Context(), "UPDATE conversations SET clerk_id = ? WHERE id = ?", other.StaffID, c.ID)
		require.NoError(t, err)
		_, err = w.read(me, up.ID)
		refused(t, err, fault.NotFound, "media_not_found")
		_, err = w.read(other, up.ID)
		require.NoError(t, err)
	})
}

func TestByMessages_givesWhatMessagesShow(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		me := w.clerk()
		c := w.conversation(me.StaffID)
		up, err := w.s.Upload(t.Context(), me, model.KindVoice, strings.NewReader(amr))
		require.NoError(t, err)
		ids := make([]string, 3)
		for i, mediaID := range []string{up.ID, "", up.ID} {
			m := model.Message{Shard: model.Shard(c.ID), ConversationID: c.ID, Seq: int64(i + 1), ID: model.NewID(), MediaID: mediaID}
			w.create(&m)
			ids[i] = m.ID
		}
		got, err := w.s.ByMessages(t.Context(), append(ids, model.NewID()))
		require.NoError(t, err)
		require.Equal(t, map[string]model.Media{ids[0]: up, ids[2]: up}, got)
		for _, few := range [][]string{nil, ids[1:2]} {
			got, err = w.s.ByMessages(t.Context(), few)
			require.NoError(t, err)
			require.Empty(t, got)
		}
	})
}
