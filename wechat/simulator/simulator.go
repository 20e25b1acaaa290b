package simulator

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// How much is kept. Older things are dropped first.
const (
	maxKept       = 5_000     // calls, and pushes
	maxKeptBytes  = 64 << 20  // of calls together
	maxBody       = 64 << 10  // of one kept call
	maxChat       = 2_000     // lines of one chat
	maxMedia      = 256 << 20 // bytes of all media together
	maxPersons    = 100_000
	maxPending    = 20_000 // pushes not yet done
	maxDelivering = 128    // pushes on their way at one time
	maxTokens     = 500    // remembered tokens of one account
)

// Simulator plays WeChat. It is safe for use by many goroutines.
type Simulator struct {
	log     *slog.Logger
	real    func() time.Time
	seed    int64
	born    int64 // real time of New in milliseconds, makes ids differ between runs where they must
	timeout time.Duration
	spacing time.Duration
	client  *http.Client
	ctx     context.Context //nolint:containedctx // it ends the pushing that outlives any one request
	cancel  context.CancelFunc
	handler http.Handler

	working sync.WaitGroup
	slots   chan struct{}

	mu         sync.Mutex // guards all below
	closed     bool
	offset     time.Duration
	counters   map[string]int64
	accounts   map[string]*account
	appIDs     []string // in the order they were added
	persons    []*person
	relations  map[string]*relation // by openid
	tokens     map[string]*token
	media      mediaStore
	tickets    map[string]*code // by ticket
	urls       map[string]*code // by url
	webCodes   map[string]*webCode
	webTokens  map[string]*webToken
	calls      ring[*Call]
	pushes     ring[*Push]
	lanes      map[string]*lane
	pending    int
	idle       []chan struct{}
	faults     []*Fault
	pushFaults []*PushFault
	stage      Stage
	stirred    chan struct{} // closed at the next change; nil = nobody looks on
}

// New starts a simulator. It fails when an option is missing or an account is not well formed.
func New(o Options) (*Simulator, error) {
	if o.Now == nil {
		return nil, errors.New("simulator: Options.Now is missing")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.PushTimeout <= 0 {
		o.PushTimeout = 5 * time.Second
	}
	if o.RetrySpacing <= 0 {
		o.RetrySpacing = 5 * time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Simulator{
		log:     o.Log,
		real:    o.Now,
		seed:    o.Seed,
		born:    o.Now().UnixMilli(),
		timeout: o.PushTimeout,
		spacing: o.RetrySpacing,
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: maxDelivering, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		ctx:       ctx,
		cancel:    cancel,
		slots:     make(chan struct{}, maxDelivering),
		counters:  map[string]int64{},
		accounts:  map[string]*account{},
		relations: map[string]*relation{},
		tokens:    map[string]*token{},
		media:     mediaStore{byID: map[string]*medium{}},
		tickets:   map[string]*code{},
		urls:      map[string]*code{},
		webCodes:  map[string]*webCode{},
		webTokens: map[string]*webToken{},
		lanes:     map[string]*lane{},
	}
	for _, a := range o.Accounts {
		if err := s.AddAccount(a); err != nil {
			cancel()
			return nil, err
		}
	}
	handler, err := s.routes()
	if err != nil {
		cancel()
		return nil, err
	}
	s.handler = handler
	return s, nil
}

// Handler serves WeChat's API, the control API and the phones.
func (s *Simulator) Handler() http.Handler { return s.handler }

// Close ends all pushing and waits until nothing of the simulator runs any more. Pushes not yet delivered are lost.
func (s *Simulator) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.working.Wait()
	s.client.CloseIdleConnections()
}

// account is an Account with all that WeChat keeps about it.
type account struct {
	Account
	key          []byte // nil = plain mode
	openids      []string
	stable       *token
	plain        *token
	issued       []*token
	forced       forcing
	ticket       *jsTicket
	codes        []*code
	permanent    map[string]*code // by kind and scene
	stock        int
	quotas       map[string]*quota
	cleared      monthCount
	previews     dayCount
	tags         []*tag
	menu         []Button
	templates    []*Template
	drafts       []draft
	templateSent map[string]sentTemplate // by openid and client_msg_id
	jobs         []*massJob
	massSent     map[string]massSent // by clientmsgid or digest
	toAllDay     dayCount
	toAllMonth   monthCount
	speed        int
}

// AddAccount adds an account, or gives the account of that app id a new secret, token, AES key or callback.
func (s *Simulator) AddAccount(a Account) error {
	if a.AppID == "" || a.Secret == "" || a.Token == "" {
		return errors.New("simulator: an account needs an app id, a secret and a token")
	}
	key, err := decodeKey(a.AESKey)
	if err != nil {
		return fmt.Errorf("simulator: account %s: %w", a.AppID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.OriginalID == "" {
		a.OriginalID = "gh_" + s.hex(12, "original", a.AppID)
	}
	if old, ok := s.accounts[a.AppID]; ok {
		old.Account, old.key = a, key
		return nil
	}
	acc := &account{
		Account:      a,
		key:          key,
		permanent:    map[string]*code{},
		stock:        permanentStock,
		quotas:       map[string]*quota{},
		templateSent: map[string]sentTemplate{},
		massSent:     map[string]massSent{},
		tags:         []*tag{{ID: 2, Name: "星标组"}},
		speed:        0,
	}
	s.accounts[a.AppID] = acc
	s.appIDs = append(s.appIDs, a.AppID)
	for _, p := range s.persons {
		s.relate(acc, p)
	}
	return nil
}

func (s *Simulator) account(appid string) (*account, error) {
	acc, ok := s.accounts[appid]
	if !ok {
		return nil, fmt.Errorf("simulator: no account %q", appid)
	}
	return acc, nil
}

// decodeKey turns the 43 characters of an EncodingAESKey into 32 bytes; nil for an empty one.
func decodeKey(aesKey string) ([]byte, error) {
	if aesKey == "" {
		return nil, nil
	}
	if len(aesKey) != 43 {
		return nil, fmt.Errorf("an AES key has 43 characters, not %d", len(aesKey))
	}
	// The last character carries two bits that mean nothing, so the decoding must not be strict.
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil {
		return nil, errors.New("the AES key is not base64")
	}
	return key, nil
}
