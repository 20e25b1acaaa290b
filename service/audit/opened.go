package audit

import (
	"context"
	"fmt"

	"liuke/model"
)

// DayMillis is how long a day is for FilesOpened.
const DayMillis = 24 * 60 * 60 * 1000

// FilesOpened counts the different members whose file or phone each of the people opened, day by day: the days are 24
// hours each, counted from from, and the first is 0. The rooms that ask have done their own check of rights. It reads
// an index alone, and of that only those people's openings in the span.
func (s *Service) FilesOpened(ctx context.Context, staffIDs []string, from, to int64) (map[string]map[int64]int64, error) {
	opened := map[string]map[int64]int64{}
	if len(staffIDs) == 0 {
		return opened, nil
	}
	var rows []struct {
		ActorID string
		Day     int64
		N       int64
	}
	// the remainder is known to both databases in the same form; their whole divisions are not
	const day = "(audits.at - ? - (audits.at - ?) % 86400000)"
	err := s.db.Read(ctx).Model(&model.Audit{}).
		Select("audits.actor_id, "+day+" AS day, COUNT(DISTINCT audits.member_id) AS n", from, from).
		Where("audits.actor_id IN ? AND audits.action IN ? AND audits.at >= ? AND audits.at < ?",
			staffIDs, []string{"member.read", "member.reveal_phone"}, from, to).
		Group("audits.actor_id, day").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count opened files: %w", err)
	}
	for _, r := range rows {
		if opened[r.ActorID] == nil {
			opened[r.ActorID] = map[int64]int64{}
		}
		opened[r.ActorID][r.Day/DayMillis] = r.N
	}
	return opened, nil
}
