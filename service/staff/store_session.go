package staff

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// sessionRow is a session with the person behind it.
type sessionRow struct {
	model.Staff

	TokenHash     string
	SessionSeenAt int64
	ExpiresAt     int64
}

// findSession reads a session by its key with the person by his, or nil.
func findSession(db *gorm.DB, tokenHash string) (*sessionRow, error) {
	var rows []sessionRow
	err := db.Table("sessions").
		Select("staff.*, sessions.token_hash, sessions.seen_at AS session_seen_at, sessions.expires_at").
		Joins("JOIN staff ON staff.id = sessions.staff_id").
		Where("sessions.token_hash = ?", tokenHash).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read a session: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

func findCSRF(db *gorm.DB, tokenHash string) (string, error) {
	var rows []model.Session
	if err := db.Select("csrf_hash").Where("token_hash = ?", tokenHash).Find(&rows).Error; err != nil {
		return "", fmt.Errorf("read a session: %w", err)
	}
	if len(rows) == 0 {
		return "", nil
	}
	return rows[0].CSRFHash, nil
}

// touch notes the use of a session, and that its person is there. Of calls at the same time one writes.
func (s *Service) touch(ctx context.Context, row *sessionRow, now int64) error {
	n, err := s.db.Exec(ctx, "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ? AND seen_at = ?",
		now, now+SessionLife.Milliseconds(), row.TokenHash, row.SessionSeenAt)
	if err != nil {
		return fmt.Errorf("note the use of a session: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.Seen(ctx, row.ID)
}

func deleteSession(tx *database.Tx, actor access.Actor) error {
	err := tx.Where("token_hash = ? AND staff_id = ?", actor.SessionID, actor.StaffID).Delete(&model.Session{}).Error
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

func deleteSessions(tx *database.Tx, staffID, but string) error {
	err := tx.Where("staff_id = ? AND token_hash <> ?", staffID, but).Delete(&model.Session{}).Error
	if err != nil {
		return fmt.Errorf("end the sessions of a person: %w", err)
	}
	return nil
}

// Sweep deletes what is over: sessions that nobody used for their life, sign-in codes, and counts of wrong tries. A loop
// calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.db.Now().UnixMilli()
	if _, err := s.db.Exec(ctx, "DELETE FROM sessions WHERE expires_at <= ?", now); err != nil {
		return fmt.Errorf("delete old sessions: %w", err)
	}
	if _, err := s.db.Exec(ctx, "DELETE FROM sign_in_codes WHERE expires_at <= ?", now-codeRemembered.Milliseconds()); err != nil {
		return fmt.Errorf("delete old sign-in codes: %w", err)
	}
	_, err := s.db.Exec(ctx, "DELETE FROM throttles WHERE window_at <= ? AND blocked_until <= ?", now-tryWindow.Milliseconds(), now)
	if err != nil {
		return fmt.Errorf("delete old counts of wrong tries: %w", err)
	}
	return nil
}
