package staff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func TestUpdateRegion_keepsTwoLevels(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		add := func(name, parent string) model.Region {
			r, err := w.s.CreateRegion(t.Context(), w.owner, staff.CreateRegion{Name: name, ParentID: parent})
			require.NoError(t, err)
			return r
		}
		east, west := add("华东", ""), add("华西", "")
		town := add("上海", east.ID)
		change := func(who access.Actor, id string, in staff.UpdateRegion) (model.Region, error) {
			return w.s.UpdateRegion(t.Context(), who, id, in)
		}
		name, none := " 上海市 ", ""
		got, err := change(w.owner, town.ID, staff.UpdateRegion{Name: &name, ParentID: &west.ID})
		require.NoError(t, err)
		require.Equal(t, []string{"上海市", west.ID}, []string{got.Name, got.ParentID})
		regions, err := w.s.ListRegions(t.Context(), w.owner)
		require.NoError(t, err)
		require.Contains(t, regions, got)

		_, err = change(w.owner, west.ID, staff.UpdateRegion{ParentID: &east.ID})
		w.invalid(err, "parent_id", "too_deep")
		_, err = change(w.owner, east.ID, staff.UpdateRegion{ParentID: &town.ID})
		w.invalid(err, "parent_id", "too_deep")
		_, err = change(w.owner, east.ID, staff.UpdateRegion{ParentID: &east.ID})
		w.invalid(err, "parent_id", "too_deep")
		_, err = change(w.owner, town.ID, staff.UpdateRegion{Name: &none})
		w.invalid(err, "name", "required")
		other := model.NewID()
		_, err = change(w.owner, town.ID, staff.UpdateRegion{ParentID: &other})
		w.refused(err, fault.NotFound, "not_found")
		_, err = change(w.account("wx00000002"), town.ID, staff.UpdateRegion{Name: &name})
		w.refused(err, fault.NotFound, "not_found")
		_, err = change(actor(w.person(model.RoleManager, w.store("A").ID)), town.ID, staff.UpdateRegion{Name: &name})
		w.refused(err, fault.Forbidden, "owner_only")

		_, err = change(w.owner, town.ID, staff.UpdateRegion{ParentID: &none})
		require.NoError(t, err)
		require.Equal(t, 2, w.audited("region.update"))
	})
}
