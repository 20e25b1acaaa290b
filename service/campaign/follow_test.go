package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// A message that was stopped right before it left goes back to those who wait, unless the campaign was cancelled
// meanwhile: then nobody would ever look at it again.
func TestDelivered_whatWasStoppedWaitsAgainOrIsCancelled(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(Deps{DB: db})
		for _, c := range []struct{ campaign, reason, state, tried string }{
			{model.CampaignPaused, "campaign_stopped", model.RecipientWaiting, ""},
			{model.CampaignCancelled, "campaign_stopped", model.RecipientCancelled, ""},
			{model.CampaignRunning, "window_closed", model.RecipientWaiting, model.ChannelCustomer},
			{model.CampaignCancelled, "window_closed", model.RecipientCancelled, model.ChannelCustomer},
		} {
			row := model.Campaign{ID: model.NewID(), State: c.campaign}
			r := model.Recipient{CampaignID: row.ID, MemberID: model.NewID(), State: model.RecipientQueued, DeliveryID: model.NewID(), Channel: model.ChannelCustomer}
			require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
				require.NoError(t, tx.Create(&row).Error)
				return tx.Create(&r).Error
			}))
			require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
				return s.DeliveredTx(tx, []model.Delivery{{
					ID: r.DeliveryID, Purpose: model.PurposeCampaign, SourceKind: "campaign", SourceID: row.ID, Channel: model.ChannelCustomer,
					State: model.StateRefused, Reason: c.reason,
				}})
			}))
			var got model.Recipient
			require.NoError(t, db.Read(t.Context()).First(&got, "campaign_id = ? AND member_id = ?", row.ID, r.MemberID).Error)
			require.Equal(t, c.state, got.State, c)
			require.Equal(t, c.tried, got.Tried)
			require.Empty(t, got.DeliveryID+got.Channel)
		}
	})
}
