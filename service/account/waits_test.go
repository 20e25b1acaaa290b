package account_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/account"
	"liuke/service/fault"
)

func TestWaits_turnAmberBeforeRed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		row, owner := add(t, s)
		require.Less(t, row.WaitAmberMinutes, row.WaitRedMinutes)
		set := func(amber, red int64) error {
			a, err := s.Update(t.Context(), owner, account.Update{WaitAmberMinutes: &amber, WaitRedMinutes: &red})
			if err == nil {
				require.Equal(t, []int64{amber, red}, []int64{a.WaitAmberMinutes, a.WaitRedMinutes})
			}
			return err
		}
		require.NoError(t, set(5, 15))
		for _, bad := range [][2]int64{{0, 5}, {5, 5}, {15, 5}, {5, 100_000}} {
			require.True(t, fault.Is(set(bad[0], bad[1]), fault.Invalid))
		}
	})
}
