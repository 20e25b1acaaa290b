package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/delivery"
)

// Whoever cancels a campaign to very many does not wait for their rows, and nobody of them is left waiting.
func TestCancel_ofVeryManyAnswersFirstAndCrossesOutAfter(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := room(t, db)
		s.delivery, s.audit = delivery.New(delivery.Deps{DB: db}), audit.New(audit.Deps{DB: db})
		const many = 2*crossAtOnce + 50
		c := model.Campaign{ID: model.NewID(), AccountID: model.NewID(), State: model.CampaignRunning, Phase: model.CampaignSending}
		rows := make([]model.Recipient, many)
		for i := range rows {
			rows[i] = model.Recipient{CampaignID: c.ID, AccountID: c.AccountID, MemberID: model.NewID(), State: model.RecipientWaiting}
		}
		rows[0].State = model.RecipientAccepted
		insert(t, db, &c, &rows)
		owner := access.Actor{Kind: model.ByStaff, AccountID: c.AccountID, StaffID: model.NewID(), Role: model.RoleOwner}
		waiting := func() int64 {
			return count(t, db, &model.Recipient{}, "campaign_id = ? AND state = ?", c.ID, model.RecipientWaiting)
		}

		got, err := s.Cancel(t.Context(), owner, c.ID)
		require.NoError(t, err)
		require.Equal(t, model.CampaignClearing, got.Phase)
		require.EqualValues(t, many-1-crossAtOnce, waiting())
		for waiting() > 0 {
			before := waiting()
			require.NoError(t, s.Work(t.Context()))
			require.Less(t, waiting(), before)
		}
		require.NoError(t, s.Work(t.Context()))
		require.NoError(t, db.Read(t.Context()).First(&c, "id = ?", c.ID).Error)
		require.Equal(t, model.CampaignCancelled, c.State)
		require.Empty(t, c.Phase)
		require.EqualValues(t, many-1, count(t, db, &model.Recipient{}, "campaign_id = ? AND state = ?", c.ID, model.RecipientCancelled))
	})
}

// The same for those who are in mass jobs: as many as one transaction takes are told at once, the others after, and
// everybody's ration comes back.
func TestCancel_dropsMassJobsOfVeryManyInSteps(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := room(t, db)
		s.delivery, s.audit = delivery.New(delivery.Deps{DB: db}), audit.New(audit.Deps{DB: db})
		c := model.Campaign{ID: model.NewID(), AccountID: model.NewID(), State: model.CampaignRunning, Phase: model.CampaignSending}
		few, many := 3, crossAtOnce
		insert(t, db, &c)
		for _, n := range []int{few, many} {
			job := model.MassJob{ID: model.NewID(), AccountID: c.AccountID, CampaignID: c.ID, Text: "活动", State: model.MassReady, Members: int64(n)}
			members(t, db, job, n)
		}
		queued := func() int64 {
			return count(t, db, &model.Recipient{}, "campaign_id = ? AND state = ?", c.ID, model.RecipientQueued)
		}

		_, err := s.Cancel(t.Context(), access.Actor{Kind: model.ByStaff, AccountID: c.AccountID, StaffID: model.NewID(), Role: model.RoleOwner}, c.ID)
		require.NoError(t, err)
		require.EqualValues(t, many, queued(), "the few are told")
		require.NoError(t, s.FollowMass(t.Context()))
		require.Zero(t, queued())
		require.EqualValues(t, few+many, count(t, db, &model.Recipient{}, "campaign_id = ? AND state = ?", c.ID, model.RecipientCancelled))
		require.Zero(t, count(t, db, &model.MassRation{}, "account_id = ?", c.AccountID))
	})
}
