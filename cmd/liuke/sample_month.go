package main

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/member"
)

// The month that lies behind the sample chain.
const (
	sampleDays    = 30
	sampleAtFirst = 70 // members whom the till knew on the first day; the others come in over the month
	sampleTalkers = 4  // followers who write on the quietest day
	sampleToday   = 22 // followers who write today
)

// sampleLater is what clerks answer to a second question in the past.
const sampleLater = "好的，我记下了。您来店里直接找我就行，我帮您准备好。"

// pastMonth lets the chain's first month go by: members are written down, scan their codes, write and are answered.
func (s *sample) pastMonth(ctx context.Context) error {
	files := sampleFiles(sampleMembers - len(sampleVisitors()))
	done := 0
	for day := sampleDays - 1; day >= 1; day-- {
		morning := time.Duration(day) * 24 * time.Hour
		s.clock.ago(morning)
		upTo := sampleAtFirst + (len(files)-sampleAtFirst)*(sampleDays-1-day)/(sampleDays-2)
		if err := s.enrol(ctx, files, done, upTo); err != nil {
			return err
		}
		if err := s.followOn(ctx, day); err != nil {
			return err
		}
		done = upTo
		if err := s.talkOn(ctx, day, morning); err != nil {
			return err
		}
		if day == sampleCampaignDay {
			if err := s.campaign(ctx, morning); err != nil {
				return err
			}
		}
	}
	if err := s.sell(ctx, 1); err != nil {
		return err
	}
	return s.gradeAll(ctx, files)
}

// followOn lets some of those who are on file by now scan their codes: a dozen on the first day, then one or two a day.
func (s *sample) followOn(ctx context.Context, day int) error {
	const first = 12
	past := sampleDays - 1 - day
	upTo := first + (sampleFollowers-first)*past/(sampleDays-2)
	return s.follow(ctx, min(upTo, len(s.known)))
}

// talkOn lets a few followers write and their clerks answer after some minutes.
func (s *sample) talkOn(ctx context.Context, day int, morning time.Duration) error {
	talks := sampleTalks()
	var today []int
	for n := range sampleTalkers + day%4 { // others every day
		today = append(today, (day*5+n)%s.following)
	}
	said := func(i int) sampleTalk {
		if day == sampleCampaignDay-1 {
			return sampleReply()
		}
		return talks[(i+day)%len(talks)]
	}
	for round, clock := range []time.Duration{2 * time.Hour, 4 * time.Hour} {
		s.clock.ago(morning - clock)
		for _, i := range today {
			text := said(i).Ask
			if round == 1 {
				text = said(i).Again
			}
			if err := s.write(ctx, s.known[i].openID, text); err != nil {
				return err
			}
		}
		if err := s.settle(ctx); err != nil { // nobody answers before he is asked
			return err
		}
		s.clock.ago(morning - clock - time.Duration(2+day%9)*time.Minute)
		for _, i := range today {
			answer := said(i).Answer
			if round == 1 && said(i).Again != "" || answer == "" {
				answer = sampleLater
			}
			if round == 1 && said(i).Again == "" {
				continue
			}
			if err := s.answer(ctx, s.known[i], answer); err != nil {
				return err
			}
		}
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// gradeAll fills the files as the till and the clerks would have: levels, birthdays, children, tags, a note.
func (s *sample) gradeAll(ctx context.Context, files []sampleFile) error {
	rows := make([]member.Row, len(files))
	for i, f := range files {
		rows[i] = member.Row{Name: f.Name, Phone: f.Phone, Level: f.Level, Birthday: f.Birthday, Sex: f.Sex, Tags: f.Tags}
	}
	err := s.DB.InTx(ctx, func(tx *database.Tx) error {
		_, err := s.Members.TakeInTx(tx, s.owner, "sample", rows, true)
		return err
	})
	if err != nil {
		return fmt.Errorf("fill the sample files: %w", err)
	}
	classes := []struct{ class, sub string }{{model.ClassKey, ""}, {model.ClassSeed, ""}}
	for i, m := range s.known {
		in := member.Edit{}
		if i%3 != 2 {
			in.Class = &classes[i%3].class
		}
		birthday := s.clock.Now().AddDate(0, -4-i%30, -i).Format(time.DateOnly)
		in.Children = &[]model.Child{{Name: sampleChildren()[i%len(sampleChildren())], Birthday: birthday, Sex: []string{model.SexFemale, model.SexMale}[i%2]}}
		if _, err := s.Members.Edit(ctx, m.clerk, m.member.ID, in); err != nil {
			return fmt.Errorf("fill a sample file: %w", err)
		}
		if i%4 == 0 {
			if _, err := s.Members.AddNote(ctx, m.clerk, m.member.ID, sampleNotes()[i/4%len(sampleNotes())]); err != nil {
				return fmt.Errorf("add a sample note: %w", err)
			}
		}
	}
	return nil
}
