// Package naive is the peer that our figures stand beside: the callback as a good developer writes it at first, with
// the same libraries. The SDK's server opens the push; one transaction looks the member up, writes the message and
// brings the conversation up to date; then the message is published to Redis and the push is answered.
//
// It has proper indexes, the same driver settings as ours and no logging, so that the difference lies in the design.
package naive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	gomysql "github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/officialaccount"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Settings of one run.
type Settings struct {
	DSN    string // of the Go MySQL driver, with the database's name
	Redis  string // redis:// URL
	AppID  string
	Token  string
	AESKey string // 43 characters
	// Members are the openids that exist, each with a conversation. They are written at the start.
	Members []string
	// Floor leaves everything out but opening the push and answering it: what gin and the SDK cost alone.
	Floor bool
	// Conns is the size of the database pool; 0 means 64.
	Conns int
}

// Peer is the running program.
type Peer struct {
	settings Settings
	db       *gorm.DB
	redis    *redis.Client
	account  *officialaccount.OfficialAccount
}

// Open connects, makes the tables and writes the members.
func Open(ctx context.Context, s Settings) (*Peer, error) {
	account := officialaccount.NewOfficialAccount(&config.Config{
		AppID: s.AppID, Token: s.Token, EncodingAESKey: s.AESKey, Cache: cache.NewMemory(),
	})
	p := &Peer{settings: s, account: account}
	if s.Floor {
		return p, nil
	}
	dsn, err := gomysql.ParseDSN(s.DSN)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	dsn.InterpolateParams = true
	dsn.ParseTime = true
	dsn.Collation = "utf8mb4_bin"
	p.db, err = gorm.Open(mysql.Open(dsn.FormatDSN()), &gorm.Config{
		SkipDefaultTransaction: true, TranslateError: true, Logger: logger.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	pool, err := p.db.DB()
	if err != nil {
		return nil, fmt.Errorf("database handle: %w", err)
	}
	conns := s.Conns
	if conns == 0 {
		conns = 64
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	options, err := redis.ParseURL(s.Redis)
	if err != nil {
		return nil, fmt.Errorf("read the Redis address: %w", err)
	}
	p.redis = redis.NewClient(options)
	return p, p.fill(ctx)
}

// Close closes the connections.
func (p *Peer) Close() error {
	if p.settings.Floor {
		return nil
	}
	pool, err := p.db.DB()
	if err == nil {
		err = pool.Close()
	}
	return errors.Join(err, p.redis.Close())
}

// Handler serves /wechat/{appid} and /healthz.
func (p *Peer) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	router.POST("/wechat/:appid", p.callback)
	return router
}

func (p *Peer) callback(c *gin.Context) {
	if c.Param("appid") != p.settings.AppID {
		c.Status(http.StatusNotFound)
		return
	}
	var failed error
	server := p.account.GetServer(c.Request, c.Writer)
	server.SetMessageHandler(func(m *message.MixMessage) *message.Reply {
		if !p.settings.Floor {
			failed = p.receive(c.Request.Context(), m)
		}
		return nil
	})
	if err := server.Serve(); err != nil {
		c.Status(http.StatusForbidden)
		return
	}
	if failed != nil {
		c.Status(http.StatusServiceUnavailable)
		return
	}
	// The SDK writes nothing for a nil reply in safe mode; WeChat takes an unencrypted "success".
	c.String(http.StatusOK, "success")
}

// receive stores one message and tells the clerks.
func (p *Peer) receive(ctx context.Context, m *message.MixMessage) error {
	var conversation Conversation
	row := Message{
		MsgID: m.MsgID, Kind: string(m.MsgType), Text: m.Content, CreatedAt: time.Unix(m.CreateTime, 0).UTC(),
	}
	err := p.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var member Member
		if err := tx.Where("open_id = ?", string(m.FromUserName)).Take(&member).Error; err != nil {
			return err
		}
		conversation.ID = member.ConversationID
		row.ConversationID = member.ConversationID
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.Model(&conversation).Updates(map[string]any{
			"unread": gorm.Expr("unread + 1"), "last_text": row.Text, "last_at": row.CreatedAt,
		}).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil // WeChat repeats what it thinks was not answered
	}
	if err != nil {
		return err
	}
	event := `{"conversation_id":` + strconv.FormatInt(conversation.ID, 10) + `,"message_id":` + strconv.FormatInt(row.ID, 10) + `}`
	return p.redis.Publish(ctx, "messages", event).Err()
}
