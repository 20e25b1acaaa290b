package database_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// sum asks for a sum whose text is different for each n.
func sum(t *testing.T, db *database.DB, n int, a, b int64) (total int64) {
	t.Helper()
	err := db.Query(t.Context(), "SELECT "+strconv.Itoa(n)+" + CAST(? AS DECIMAL) + CAST(? AS DECIMAL)", []any{a, b}, func(scan database.Scan) error {
		return scan(&total)
	})
	require.NoError(t, err)
	return total
}

func TestQuery_answersAnyNumberOfTextsAgainAndAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for range 3 {
			for n := range 100 { // more than are kept prepared
				require.EqualValues(t, n+7, sum(t, db, n, 3, 4))
			}
		}
		require.Error(t, db.Query(t.Context(), "SELECT nothing FROM nowhere", nil, nil))
	})
}

// What a server does not take prepared it is asked by the text.
func TestQuery_needsNoPreparedStatement(t *testing.T) {
	t.Parallel()
	if !slices.Contains(databasetest.Kinds(t), database.MySQL) {
		return
	}
	db := databasetest.Open(t, databasetest.Fresh(t, database.MySQL), time.Now)
	for range 2 {
		require.NoError(t, db.Query(t.Context(), "PREPARE step FROM 'SELECT 1'", nil, nil))
	}
}
