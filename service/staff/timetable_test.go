package staff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/fault"
	"liuke/service/staff"
)

// at moves the clock of the world forward to a time of Beijing.
func (w *world) at(text string) {
	w.t.Helper()
	to, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("CST", 8*3600))
	require.NoError(w.t, err)
	w.clock.ms.Store(to.UnixMilli())
}

func (w *world) duty(id string, d staff.Duty) {
	w.t.Helper()
	_, err := w.s.SetDuty(w.t.Context(), w.owner, id, d)
	require.NoError(w.t, err)
}

func TestNextOnDuty_followsTheTimetableInsteadOfPresence(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		late, present := w.person(model.RoleClerk, store.ID), w.person(model.RoleClerk, store.ID)
		w.duty(late.ID, staff.Duty{Hours: []model.DutyHours{{Weekday: 5, FromMinute: 22 * 60, ToMinute: 2 * 60}}})
		w.at("2026-11-27 21:59") // a Friday
		w.seen(late.ID, present.ID)
		require.Equal(t, []string{present.ID, present.ID}, []string{w.next(store.ID), w.next(store.ID)})
		w.at("2026-11-28 01:59")
		require.Equal(t, late.ID, w.next(store.ID), "past midnight, though nobody saw him for hours")
		w.at("2026-11-28 02:00")
		require.Empty(t, w.next(store.ID), "his hours are over, and the other was not seen")
		w.at("2026-11-27 23:00")
		require.NoError(t, w.s.SetAway(t.Context(), actor(late), true))
		require.Empty(t, w.next(store.ID), "away goes before the timetable")
	})
}

func TestNextOnDuty_keepsTheDailyCapUntilMidnightOfTheStore(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		capped, free := w.person(model.RoleClerk, store.ID), w.person(model.RoleClerk, store.ID)
		w.duty(capped.ID, staff.Duty{DailyCap: 1})
		w.at("2026-11-27 23:50")
		w.seen(capped.ID, free.ID)
		require.Equal(t, []string{capped.ID, free.ID, free.ID}, []string{w.next(store.ID), w.next(store.ID), w.next(store.ID)})
		d, err := w.s.GetDuty(t.Context(), actor(capped), capped.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1, d.Intake)

		w.duty(capped.ID, staff.Duty{DailyCap: 2})
		require.Equal(t, capped.ID, w.next(store.ID), "a higher cap counts what he had")
		require.Equal(t, free.ID, w.next(store.ID))
		w.at("2026-11-28 00:00")
		d, err = w.s.GetDuty(t.Context(), actor(capped), capped.ID)
		require.NoError(t, err)
		require.Zero(t, d.Intake)
		require.Equal(t, capped.ID, w.next(store.ID), "a new day")
	})
}

func TestNextOnDuty_fallsBackToTheBackupWhenNobodyElseServes(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		backup, clerk := w.person(model.RoleClerk, store.ID), w.person(model.RoleClerk, store.ID)
		w.duty(backup.ID, staff.Duty{Backup: true, DailyCap: 2})
		w.seen(backup.ID, clerk.ID)
		require.Equal(t, []string{clerk.ID, clerk.ID}, []string{w.next(store.ID), w.next(store.ID)})
		require.Equal(t, backup.ID, w.next(store.ID, clerk.ID))
		w.clock.move(staff.PresentFor + time.Millisecond)
		require.Equal(t, backup.ID, w.next(store.ID), "nobody is present, the backup need not be")
		require.Empty(t, w.next(store.ID), "his cap holds for him too")
	})
}

func TestSetDuty_isForWhoManagesThePersonAndTakesTimetablesOnly(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store, other := w.store("A"), w.store("B")
		clerk, colleague := w.person(model.RoleClerk, store.ID), w.person(model.RoleClerk, store.ID)
		manager, far := w.person(model.RoleManager, store.ID), w.person(model.RoleManager, other.ID)
		set := func(by model.Staff, d staff.Duty) error {
			_, err := w.s.SetDuty(t.Context(), actor(by), clerk.ID, d)
			return err
		}
		span := func(weekday, from, to int) model.DutyHours {
			return model.DutyHours{Weekday: weekday, FromMinute: from, ToMinute: to}
		}
		week := staff.Duty{Hours: []model.DutyHours{span(1, 540, 720), span(1, 780, 1440), span(7, 1320, 120)}}
		require.NoError(t, set(manager, week))
		got, err := w.s.GetDuty(t.Context(), actor(colleague), clerk.ID)
		require.NoError(t, err)
		require.Len(t, got.Hours, 3)
		require.Equal(t, 1, w.audited("staff.duty"))

		w.refused(set(clerk, week), fault.Forbidden, "not_allowed")
		w.refused(set(far, week), fault.NotFound, "not_found")
		for _, c := range []struct {
			field, reason string
			duty          staff.Duty
		}{
			{"hours[0].weekday", "out_of_range", staff.Duty{Hours: []model.DutyHours{span(8, 0, 60)}}},
			{"hours[0].from", "invalid", staff.Duty{Hours: []model.DutyHours{span(1, 1440, 60)}}},
			{"hours[0].to", "invalid", staff.Duty{Hours: []model.DutyHours{span(1, 60, 60)}}},
			{"hours[1]", "overlaps", staff.Duty{Hours: []model.DutyHours{span(1, 60, 120), span(1, 119, 180)}}},
			{"hours[1]", "overlaps", staff.Duty{Hours: []model.DutyHours{span(1, 60, 120), span(7, 1320, 61)}}},
			{"daily_cap", "out_of_range", staff.Duty{DailyCap: -1}},
		} {
			w.invalid(set(manager, c.duty), c.field, c.reason)
		}
		got, err = w.s.GetDuty(t.Context(), w.owner, clerk.ID)
		require.NoError(t, err)
		require.Len(t, got.Hours, 3, "a refused timetable changes nothing")
		require.NoError(t, set(manager, staff.Duty{}))
		got, err = w.s.GetDuty(t.Context(), w.owner, clerk.ID)
		require.NoError(t, err)
		require.Empty(t, got.Hours)
	})
}
