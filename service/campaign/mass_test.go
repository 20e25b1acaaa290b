package campaign

import (
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/bus"
	"liuke/service/feed"
	"liuke/service/inbound"
	"liuke/service/worker"
	"liuke/wechat"
)

// room is the room with nothing but a database and a feed.
func room(t *testing.T, db *database.DB) *Service {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(t.Context(), bus.Options{Now: time.Now, Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.Close() })
	f, err := feed.New(feed.Deps{DB: db, Bus: b, Group: worker.NewGroup(log), Leases: worker.NewLeases(db, "me"), Log: log})
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return New(Deps{DB: db, Feed: f, Log: log, Owner: "me"})
}

func insert(t *testing.T, db *database.DB, rows ...any) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
		for _, row := range rows {
			if err := tx.CreateInBatches(row, rowsAtOnce).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

func count(t *testing.T, db *database.DB, row any, where string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, db.Read(t.Context()).Model(row).Where(where, args...).Count(&n).Error)
	return n
}

// crowd is a job of a campaign of its own.
func crowd(t *testing.T, db *database.DB, job model.MassJob, n int) {
	t.Helper()
	insert(t, db, &model.Campaign{ID: job.CampaignID, AccountID: job.AccountID, State: model.CampaignRunning})
	members(t, db, job, n)
}

// members fills a job with many members, each with a conversation.
func members(t *testing.T, db *database.DB, job model.MassJob, n int) {
	t.Helper()
	recipients, rations, talks := make([]model.Recipient, n), make([]model.MassRation, n), make([]model.Conversation, n)
	for i := range n {
		member, follower := model.NewID(), model.NewID()
		recipients[i] = model.Recipient{
			CampaignID: job.CampaignID, MemberID: member, AccountID: job.AccountID, State: model.RecipientQueued, Channel: model.ChannelMass,
			Reason: "ration_left", JobID: job.ID, ClerkID: "clerk",
		}
		rations[i] = model.MassRation{FollowerID: follower, Month: 202611, Slot: 1, AccountID: job.AccountID, JobID: job.ID, MemberID: member}
		talks[i] = model.Conversation{ID: model.NewID(), FollowerID: follower, MemberID: member, AccountID: job.AccountID}
	}
	insert(t, db, &job, &recipients, &rations, &talks)
}

func finished(id, status string, total, left, sent int) inbound.Received {
	return inbound.Received{AccountID: "account", Push: wechat.Push{Body: wechat.MassSendFinished{
		MsgID: id, Status: status, TotalCount: total, FilterCount: left, SentCount: sent, ErrorCount: left - sent,
	}}}
}

// Recipients and chats follow their job some hundred at a time, however the result comes: before its job is known, twice,
// or for a send that is not ours. A push touches no job.
func TestFollowMass_bringsThousandsInLineInSmallSteps(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := room(t, db)
		const many = 2*tellAtOnce + 50
		job := model.MassJob{ID: model.NewID(), AccountID: "account", CampaignID: model.NewID(), Text: "活动", State: model.MassSending, FirstTryAt: 5, Members: many}
		crowd(t, db, job, many)
		lines, largest := map[string]int{}, 0
		var mended atomic.Int64
		s.ShowWith(func(_ *database.Tx, rows []model.Message) error {
			largest = max(largest, len(rows))
			for _, m := range rows {
				require.Equal(t, "活动", m.Text)
				require.Equal(t, "clerk", m.OnBehalfOf)
				lines[m.ConversationID]++
			}
			return nil
		}, func(_ *database.Tx, ids []string, _, _ string) error {
			mended.Add(int64(len(ids)))
			return nil
		})
		push := func(r inbound.Received) {
			require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error { return s.EventTx(tx, []inbound.Received{r}) }))
		}
		push(finished("7", "send success", many, many, many)) // before its id is written down
		push(finished("99", "send success", 5, 5, 5))         // of the account's own pages
		require.NoError(t, s.FollowMass(t.Context()))
		require.EqualValues(t, many, count(t, db, &model.Recipient{}, "state = ?", model.RecipientQueued), "nothing is known of it yet")

		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			return s.settleMass(tx, model.MassJob{ID: job.ID}, massVerdict{state: model.MassSent, msgID: "7"})
		}))
		require.NoError(t, s.FollowMass(t.Context()))
		require.EqualValues(t, many, count(t, db, &model.Recipient{}, "state = ? AND message_id <> '' AND sent_at > 0", model.RecipientDelivered))
		require.Len(t, lines, many)
		require.LessOrEqual(t, largest, tellAtOnce)
		for talk, n := range lines {
			require.Equal(t, 1, n, talk)
		}
		var done model.MassJob
		require.NoError(t, db.Read(t.Context()).First(&done, "id = ?", job.ID).Error)
		require.Equal(t, []any{model.MassDone, true, true, int64(many)}, []any{done.State, done.Told, done.Counted, done.Sent})

		push(finished("7", "err(10001)", many, 0, 0)) // a repeat changes nothing
		require.NoError(t, s.FollowMass(t.Context()))
		require.EqualValues(t, many, count(t, db, &model.Recipient{}, "state = ?", model.RecipientDelivered))
		require.EqualValues(t, many, count(t, db, &model.MassRation{}, "job_id = ?", job.ID))
		require.Zero(t, mended.Load())
		require.EqualValues(t, 1, count(t, db, &model.MassResult{}, "msg_id = '99' AND used = ?", false))
	})
}

// WeChat names nobody: of a job that missed some it is not known whom, so the rations stay used and everybody is told so.
func TestFollowMass_saysWhatWeChatsCountsMean(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := room(t, db)
		s.ShowWith(func(*database.Tx, []model.Message) error { return nil }, func(_ *database.Tx, ids []string, state, _ string) error {
			require.NotEmpty(t, ids)
			require.Equal(t, model.StateRefused, state)
			return nil
		})
		for n, c := range []struct {
			status     string
			left, sent int
			job        string
			reached    string
			reason     string
			rations    int64
		}{
			{"send success", 10, 10, model.MassDone, model.RecipientDelivered, "ration_left", 10},
			{"send success", 9, 8, model.MassDone, model.RecipientAccepted, "not_all_reached", 10},
			{"send success", 0, 0, model.MassFailed, model.RecipientRefused, "all_left_out", 0},
			{"send fail", 10, 0, model.MassFailed, model.RecipientRefused, "send_failed", 0},
			{"err(20008)", 0, 0, model.MassFailed, model.RecipientRefused, "judged_fraud", 0},
		} {
			job := model.MassJob{
				ID: model.NewID(), AccountID: "account", CampaignID: model.NewID(), State: model.MassSent, MsgID: strconv.Itoa(n), SentAt: 7, Members: 10,
			}
			crowd(t, db, job, 10)
			require.NoError(t, s.FollowMass(t.Context()))
			require.EqualValues(t, 10, count(t, db, &model.Recipient{}, "job_id = ? AND state = ? AND sent_at = 7", job.ID, model.RecipientAccepted))
			require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
				return s.EventTx(tx, []inbound.Received{finished(job.MsgID, c.status, 10, c.left, c.sent)})
			}))
			require.NoError(t, s.FollowMass(t.Context()))
			require.EqualValues(t, 10, count(t, db, &model.Recipient{}, "job_id = ? AND state = ? AND reason = ?", job.ID, c.reached, c.reason), c.reason)
			require.Equal(t, c.rations, count(t, db, &model.MassRation{}, "job_id = ?", job.ID), c.reason)
			require.EqualValues(t, 1, count(t, db, &model.MassJob{}, "id = ? AND state = ? AND told = ? AND filtered = ?", job.ID, c.job, true, 10-c.left))
		}
	})
}

// Whoever reserves at the same time, nobody gets a fifth: the key has no fifth slot.
func TestMassRation_neverAFifthHoweverManyReserveAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := room(t, db)
		followers := []string{model.NewID(), model.NewID(), model.NewID()}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				c := model.Campaign{ID: model.NewID(), AccountID: "account", Channels: model.ChannelMass}
				var err error
				for range 20 { // whoever was beaten to a slot looks again
					err = db.InTx(t.Context(), func(tx *database.Tx) error {
						m, err := openCollection(tx, c)
						if err != nil {
							return err
						}
						all := map[string]*person{}
						for _, id := range followers {
							all[id] = &person{member: model.Member{ID: id}, follower: model.Follower{ID: id}}
						}
						if err := massRations(tx.DB, c, all, tx.Now); err != nil {
							return err
						}
						for _, id := range followers {
							if all[id].mass.left() > 0 {
								m.put(tx, all[id], "活动")
							}
						}
						return s.keepCollection(tx, m)
					})
					if err == nil {
						return
					}
				}
				t.Error(err)
			})
		}
		wg.Wait()
		for _, id := range followers {
			require.EqualValues(t, model.MassPerMonth, count(t, db, &model.MassRation{}, "follower_id = ?", id))
		}
	})
}

// A job with the largest list is closed, and the next member begins another.
func TestCollection_oneJobForEachContentAndTenThousand(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := room(t, db)
		c := model.Campaign{ID: model.NewID(), AccountID: "account", Channels: model.ChannelMass, State: model.CampaignRunning}
		full := model.MassJob{
			ID: model.NewID(), AccountID: "account", CampaignID: c.ID, Text: "甲", State: model.MassCollecting, Members: model.MassMost - 1,
			Month: model.MassMonth(time.Now()),
		}
		insert(t, db, &c, &full)
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			m, err := openCollection(tx, c)
			require.NoError(t, err)
			someone := func() *person {
				return &person{member: model.Member{ID: model.NewID()}, follower: model.Follower{ID: model.NewID()}}
			}
			require.Equal(t, full.ID, m.put(tx, someone(), "甲"))
			next := m.put(tx, someone(), "甲")
			require.NotEqual(t, full.ID, next)
			require.Equal(t, next, m.put(tx, someone(), "甲"))
			require.NotEqual(t, next, m.put(tx, someone(), "乙"))
			return s.keepCollection(tx, m)
		}))
		require.EqualValues(t, 1, count(t, db, &model.MassJob{}, "state = ? AND members = ?", model.MassReady, model.MassMost))
		require.EqualValues(t, 2, count(t, db, &model.MassJob{}, "state = ?", model.MassCollecting))
		require.EqualValues(t, 4, count(t, db, &model.MassRation{}, "slot = 1"))
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error { return s.closeMass(tx, c) }))
		require.EqualValues(t, 3, count(t, db, &model.MassJob{}, "state = ? AND due_at > 0", model.MassReady))
	})
}

func TestSweepMass_forgetsWhatIsLongOver(t *testing.T) {
	t.Parallel()
	at := noon
	databasetest.EachAt(t, func() time.Time { return at }, func(t *testing.T, db *database.DB) {
		t.Helper()
		s := room(t, db)
		for month, told := range map[int64]bool{202609: true, 202608: false, 202611: true} {
			job := model.MassJob{ID: model.NewID(), Month: month, Told: told}
			insert(t, db, &job, &model.MassRation{FollowerID: "f", Month: month, Slot: 1, JobID: job.ID})
		}
		insert(t, db, &model.MassResult{MsgID: "old", At: at.Add(-keepMassResults - time.Hour).UnixMilli()}, &model.MassResult{MsgID: "new", At: at.UnixMilli()})
		require.NoError(t, s.SweepMass(t.Context()))
		require.Zero(t, count(t, db, &model.MassRation{}, "month = 202609"))
		require.EqualValues(t, 2, count(t, db, &model.MassRation{}, "month IN (202608, 202611)"), "a job that still waits keeps its own")
		require.EqualValues(t, 1, count(t, db, &model.MassResult{}, "msg_id = 'new'"))
		require.EqualValues(t, 1, count(t, db, &model.MassResult{}, "1 = 1"))
	})
}
