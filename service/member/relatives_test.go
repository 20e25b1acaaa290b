package member_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
)

func TestRelate_joinsFamiliesSurvivesAMergeAndIsTakenBack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		ctx, clerk, other := t.Context(), w.Clerk(t, "甲"), w.Clerk(t, "乙")
		var ids []string
		for _, phone := range []string{"13911110001", "13911110002", "13911110003", "13911110004"} {
			m, err := w.Members.Create(ctx, clerk, member.Create{Name: "家" + phone[10:], Phone: phone})
			require.NoError(t, err)
			ids = append(ids, m.ID)
		}
		family := func(id string) []string {
			rows, err := w.Members.Relatives(ctx, w.Owner, id)
			require.NoError(t, err)
			var names []string
			for _, m := range rows {
				names = append(names, m.Name)
			}
			return names
		}
		require.Equal(t, "same_member", fault.Of(w.Members.Relate(ctx, clerk, ids[0], ids[0])).Fields[0].Reason)
		require.Equal(t, fault.NotFound, fault.Of(w.Members.Relate(ctx, clerk, ids[0], model.NewID())).Kind)
		require.Equal(t, fault.NotFound, fault.Of(w.Members.Relate(ctx, other, ids[0], ids[1])).Kind)
		require.NoError(t, w.Members.Relate(ctx, clerk, ids[0], ids[1]))
		require.NoError(t, w.Members.Relate(ctx, clerk, ids[1], ids[0]))
		require.NoError(t, w.Members.Relate(ctx, clerk, ids[2], ids[3]))
		require.Equal(t, []string{"家2"}, family(ids[0]))
		require.NoError(t, w.Members.Relate(ctx, clerk, ids[3], ids[1]))
		require.Equal(t, []string{"家2", "家3", "家4"}, family(ids[0]))
		require.NoError(t, w.Members.Part(ctx, clerk, ids[3]))
		require.NoError(t, w.Members.Part(ctx, clerk, ids[3]))
		require.Equal(t, []string{"家2", "家3"}, family(ids[0]))

		merge, err := w.Members.Merge(ctx, w.Owner, ids[1], ids[3], false)
		require.NoError(t, err)
		require.Equal(t, []string{"家3", "家4"}, family(ids[0]), "who remains of a merge is in the family")
		_, err = w.Members.Unmerge(ctx, w.Owner, merge.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"家2", "家3"}, family(ids[0]))
	})
}
