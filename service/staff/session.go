package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// SessionLife is how long a session lives without being used.
const SessionLife = 30 * 24 * time.Hour

// seenEvery is how exactly the last use is kept, to save writes.
const seenEvery = time.Minute

// tokenSize is the length of a token in bytes, before base64url.
const tokenSize = 32

func newToken() string {
	b := make([]byte, tokenSize)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashToken gives the stored form. Tokens are random and long, so a plain hash is enough.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// begin makes a session for a person who proved himself, by his password or by a sign-in code.
func (s *Service) begin(tx *database.Tx, p model.Staff, byCode bool) (Session, error) {
	out := Session{Token: newToken(), CSRF: newToken(), Staff: p, ExpiresAt: tx.Now.Add(SessionLife).UnixMilli()}
	row := model.Session{
		TokenHash: hashToken(out.Token), CSRFHash: hashToken(out.CSRF), AccountID: p.AccountID, StaffID: p.ID,
		ByCode: byCode, CreatedAt: tx.Millis(), SeenAt: tx.Millis(), ExpiresAt: out.ExpiresAt,
	}
	if err := insert(tx, &row); err != nil {
		return Session{}, err
	}
	if err := updateStaff(tx, p, map[string]any{"seen_at": tx.Millis()}); err != nil {
		return Session{}, err
	}
	detail := ""
	if byCode {
		detail = "code"
	}
	return out, s.audit.RecordTx(tx, actorOf(p, row.TokenHash), entry("session.begin", p.ID, detail))
}

func actorOf(p model.Staff, sessionID string) access.Actor {
	return access.Actor{
		Kind: model.ByStaff, AccountID: p.AccountID, StaffID: p.ID, Name: p.Name, Role: p.Role,
		StoreID: p.StoreID, RegionID: p.RegionID, SessionID: sessionID, Leaving: p.LeavingAt > 0,
	}
}

// Authenticate gives who holds the token, with his rights of this moment, and notes that he is there. Nothing is taken
// from memory: who left is out at once. A token that is wrong, ended or too old: not_signed_in.
func (s *Service) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return access.Actor{}, notSignedIn()
	}
	return s.signedIn(ctx, hashToken(token))
}

// Recheck asks again whether the actor's session goes on, and gives his rights of this moment. Open streams call it
// when they are told of OnSessionsEnded.
func (s *Service) Recheck(ctx context.Context, actor access.Actor) (access.Actor, error) {
	return s.signedIn(ctx, actor.SessionID)
}

func notSignedIn() error { return fault.New(fault.Unsigned, "not_signed_in") }

func (s *Service) signedIn(ctx context.Context, sessionID string) (access.Actor, error) {
	now := s.db.Now().UnixMilli()
	row, err := findSession(s.db.Read(ctx), sessionID)
	if err != nil {
		return access.Actor{}, err
	}
	if row == nil || now >= row.ExpiresAt || !row.Active {
		s.recalled.forget(sessionID)
		return access.Actor{}, notSignedIn()
	}
	actor := actorOf(row.Staff, sessionID)
	noted := row.SessionSeenAt
	if now-noted >= seenEvery.Milliseconds() {
		// a busy database must not refuse who is signed in: the next call notes it
		switch err := s.touch(ctx, row, now); {
		case err == nil:
			noted = now
		case !database.IsTransient(err):
			return access.Actor{}, err
		}
	}
	s.recalled.keep(actor, noted)
	return actor, nil
}

// CheckCSRF compares the header of a browser's call with the token of its session.
func (s *Service) CheckCSRF(ctx context.Context, actor access.Actor, token string) error {
	want, err := findCSRF(s.db.Read(ctx), actor.SessionID)
	if err != nil {
		return err
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(hashToken(token)), []byte(want)) != 1 {
		return fault.New(fault.Forbidden, "csrf")
	}
	return nil
}

// SignOut ends the session that the actor came with.
func (s *Service) SignOut(ctx context.Context, actor access.Actor) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := deleteSession(tx, actor); err != nil {
			return err
		}
		s.tellEnded(tx, actor.StaffID)
		return s.audit.RecordTx(tx, actor, entry("session.end", actor.StaffID, ""))
	})
}

// SignOutEverywhere ends all sessions of a person: the actor's own ("" or his id), or those of somebody he manages.
func (s *Service) SignOutEverywhere(ctx context.Context, actor access.Actor, staffID string) error {
	if staffID == "" {
		staffID = actor.StaffID
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if staffID != actor.StaffID {
			if _, err := s.managed(tx, actor, staffID); err != nil {
				return err
			}
		}
		if err := s.endSessions(tx, staffID, ""); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry("session.end_all", staffID, ""))
	})
}

// endSessions ends a person's sessions but one, and with them the sign-in code that waits for him. The code goes first:
// who is using it at this moment holds its row, and his session is there to be ended once the row is free.
func (s *Service) endSessions(tx *database.Tx, staffID, but string) error {
	if err := endSignInCode(tx, staffID); err != nil {
		return err
	}
	if err := deleteSessions(tx, staffID, but); err != nil {
		return err
	}
	s.tellEnded(tx, staffID)
	return nil
}
