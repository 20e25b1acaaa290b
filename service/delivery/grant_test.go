package delivery_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/delivery"
	"liuke/service/rate"
	"liuke/service/worldtest"
)

// However many want the one notice that somebody allows, at once, one has it: the ledger itself holds that, not whoever
// looked at it before.
func TestEnqueue_usesAGrantOnceThoughManyWantIt(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		f := model.Follower{ID: model.NewID(), AccountID: w.Account.ID, OpenID: "o-grant", Kind: model.FollowerMember, MemberID: model.NewID(), Subscribed: true}
		grant := model.SubscriptionGrant{AccountID: w.Account.ID, OpenID: f.OpenID, TemplateID: "T", Remaining: 1, Granted: 1}
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			if err := tx.Create(&f).Error; err != nil {
				return err
			}
			return tx.Create(&grant).Error
		}))
		// What is queued stays: a refusal would give the grant back.
		_, err := w.Rates.StopToday(t.Context(), w.Account.ID, rate.APISubscription, "daily_quota")
		require.NoError(t, err)
		const many = 8
		states := make([]string, many)
		var all sync.WaitGroup
		for n := range many {
			all.Go(func() {
				_ = db.InTx(t.Context(), func(tx *database.Tx) error {
					d, err := w.Delivery.EnqueueTx(tx, delivery.Order{
						Follower: f, Purpose: model.PurposeCampaign, SourceKind: "campaign", SourceID: model.NewID(), AuthorKind: model.BySystem,
						Kind: model.KindText, Channel: model.ChannelSubscription,
						Content: delivery.Content{Template: &delivery.Template{ID: "T", Fields: map[string]string{"thing1": "到货"}}},
					})
					states[n] = d.State + " " + d.Reason
					return err
				})
			})
		}
		all.Wait()
		queued := 0
		for _, s := range states {
			if s == model.StateQueued+" " {
				queued++
				continue
			}
			require.Equal(t, model.StateRefused+" no_grant", s)
		}
		require.Equal(t, 1, queued)
		var left model.SubscriptionGrant
		require.NoError(t, db.Read(t.Context()).First(&left, "openid = ?", f.OpenID).Error)
		require.Zero(t, left.Remaining)
	})
}
