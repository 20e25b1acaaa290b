package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liuke/model"
	"liuke/service/chat"
)

// talk lets members write today and clerks answer, some of them; who is not answered has waited longer the earlier he
// wrote. By its end the clock tells the time.
func (s *sample) talk(ctx context.Context) error {
	talks := sampleTalks()
	now := s.known[:sampleToday]
	of := func(i int) sampleTalk { return talks[i%len(talks)] }
	for i, m := range now {
		s.clock.ago(50*time.Minute - time.Duration(i)*40*time.Second)
		if err := s.write(ctx, m.openID, of(i).Ask); err != nil {
			return err
		}
	}
	if _, err := s.Sim.SendImage(sampleAppID, now[0].openID, nil); err != nil { //nolint:contextcheck // the simulator pushes in its own time
		return fmt.Errorf("send a sample picture: %w", err)
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.clock.ago(30 * time.Minute)
	for i, m := range now {
		if err := s.answer(ctx, m, of(i).Answer); err != nil {
			return err
		}
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	for i, m := range now {
		s.clock.ago(20*time.Minute - time.Duration(i)*50*time.Second)
		if err := s.write(ctx, m.openID, of(i).Again); err != nil {
			return err
		}
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.clock.ago(0)
	return nil
}

// write sends a text and waits until it is taken, so that people wait in the same order at every start.
func (s *sample) write(ctx context.Context, openID, text string) error {
	if text == "" {
		return nil
	}
	if _, err := s.Sim.SendText(sampleAppID, openID, text); err != nil { //nolint:contextcheck // the simulator pushes in its own time
		return fmt.Errorf("send a sample text: %w", err)
	}
	return s.delivered(ctx)
}

func (s *sample) delivered(ctx context.Context) error {
	if err := s.Sim.Settle(ctx); err != nil {
		return fmt.Errorf("wait for the pushes of the sample: %w", err)
	}
	return nil
}

func (s *sample) answer(ctx context.Context, m sampleMember, text string) error {
	if text == "" {
		return nil
	}
	var c []model.Conversation
	if err := s.DB.Read(ctx).Where("member_id = ?", m.member.ID).Find(&c).Error; err != nil || len(c) != 1 {
		return fmt.Errorf("find a sample conversation (%d found): %w", len(c), err)
	}
	s.answers++
	_, err := s.Chat.Send(ctx, m.clerk, c[0].ID, chat.Write{
		ClientID: fmt.Sprintf("sample-%d", s.answers), Kind: model.KindText, Text: text,
	})
	if err != nil {
		return fmt.Errorf("send a sample answer: %w", err)
	}
	return nil
}

// settle waits until every push has had its effect and nothing is on its way.
func (s *sample) settle(ctx context.Context) error {
	if err := s.delivered(ctx); err != nil {
		return err
	}
	err := s.await(ctx, func() (bool, error) {
		var bundles, pushes, aside, deliveries int64
		db := s.DB.Read(ctx)
		err := errors.Join(
			db.Model(&model.PushBundle{}).Count(&bundles).Error,
			db.Model(&model.Push{}).Where("state = ?", model.PushNew).Count(&pushes).Error,
			db.Model(&model.Push{}).Where("state = ?", model.PushAside).Count(&aside).Error,
			db.Model(&model.Delivery{}).Where("state IN ?", []string{model.StateQueued, model.StateSending}).Count(&deliveries).Error,
		)
		if aside > 0 {
			err = errors.Join(err, errors.New("a push of the sample could not be processed"))
		}
		return bundles+pushes == 0 && deliveries == 0, err
	})
	if err != nil {
		return fmt.Errorf("wait for the sample to settle: %w", err)
	}
	return nil
}

// await asks again and again until it is so.
func (s *sample) await(ctx context.Context, so func() (bool, error)) error {
	const every = 5 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if is, err := so(); is || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
