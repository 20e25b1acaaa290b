package naive

import (
	"context"
	"fmt"
	"time"
)

// Member is one follower.
type Member struct {
	ID             int64
	OpenID         string
	ConversationID int64
}

// Conversation is the line with one member.
type Conversation struct {
	ID       int64
	Unread   int64
	LastText string
	LastAt   time.Time
}

// Message is one push.
type Message struct {
	ID             int64
	ConversationID int64
	MsgID          int64
	Kind           string
	Text           string
	CreatedAt      time.Time
}

func tables() []string {
	return []string{
		`CREATE TABLE members (
			id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
			open_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
			conversation_id BIGINT NOT NULL,
			UNIQUE KEY members_open_id (open_id))`,
		`CREATE TABLE conversations (
			id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
			unread BIGINT NOT NULL DEFAULT 0,
			last_text VARCHAR(2048) NOT NULL DEFAULT '',
			last_at DATETIME(3) NOT NULL)`,
		`CREATE TABLE messages (
			id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
			conversation_id BIGINT NOT NULL,
			msg_id BIGINT NOT NULL,
			kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
			text VARCHAR(2048) NOT NULL,
			created_at DATETIME(3) NOT NULL,
			UNIQUE KEY messages_msg_id (msg_id),
			KEY messages_conversation (conversation_id, id))`,
	}
}

// fill makes the tables and writes the members with their conversations.
func (p *Peer) fill(ctx context.Context) error {
	db := p.db.WithContext(ctx)
	for _, statement := range tables() {
		if err := db.Exec(statement + " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin").Error; err != nil {
			return fmt.Errorf("make a table: %w", err)
		}
	}
	conversations := make([]Conversation, len(p.settings.Members))
	members := make([]Member, len(p.settings.Members))
	for i, openID := range p.settings.Members {
		id := int64(i + 1)
		conversations[i] = Conversation{ID: id, LastAt: time.Unix(0, 0).UTC()}
		members[i] = Member{ID: id, OpenID: openID, ConversationID: id}
	}
	if len(members) == 0 {
		return nil
	}
	if err := db.CreateInBatches(conversations, 500).Error; err != nil {
		return fmt.Errorf("write conversations: %w", err)
	}
	if err := db.CreateInBatches(members, 500).Error; err != nil {
		return fmt.Errorf("write members: %w", err)
	}
	return nil
}
