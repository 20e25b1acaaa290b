package simulator

import (
	"context"
	"errors"
	"net/http"
	"time"
)

var errStub = errors.New("not built yet")

type Simulator struct{}

func New(o Options) (*Simulator, error)                                         { return &Simulator{}, nil }
func (s *Simulator) Handler() http.Handler                                      { return http.NotFoundHandler() }
func (s *Simulator) Close()                                                     {}
func (s *Simulator) Settle(ctx context.Context) error                           { return errStub }
func (s *Simulator) AddAccount(a Account) error                                 { return errStub }
func (s *Simulator) VerifyCallback(ctx context.Context, appid string) error     { return errStub }
func (s *Simulator) NewPerson(name string) Person                               { return Person{} }
func (s *Simulator) Persons() []Person                                          { return nil }
func (s *Simulator) Follow(appid, openid, scene string) error                   { return errStub }
func (s *Simulator) FollowQuietly(appid, openid string) error                   { return errStub }
func (s *Simulator) Unfollow(appid, openid string) error                        { return errStub }
func (s *Simulator) Scan(appid, openid, scene string) (Scanned, error)          { return Scanned{}, errStub }
func (s *Simulator) ScanURL(openid, url string) (Scanned, error)                { return Scanned{}, errStub }
func (s *Simulator) SendText(appid, openid, text string) (int64, error)         { return 0, errStub }
func (s *Simulator) SendImage(appid, openid string, data []byte) (int64, error) { return 0, errStub }
func (s *Simulator) SendVoice(appid, openid string, data []byte) (int64, error) { return 0, errStub }
func (s *Simulator) SendVideo(appid, openid string, data []byte) (int64, error) { return 0, errStub }
func (s *Simulator) SendShortVideo(appid, openid string, data []byte) (int64, error) {
	return 0, errStub
}
func (s *Simulator) SendLocation(appid, openid string, lat, lng float64, label string) (int64, error) {
	return 0, errStub
}
func (s *Simulator) SendLink(appid, openid, title, description, url string) (int64, error) {
	return 0, errStub
}
func (s *Simulator) SendRaw(appid, openid string, fields ...Field) (int64, error) { return 0, errStub }
func (s *Simulator) TapMenu(appid, openid, key string) error                      { return errStub }
func (s *Simulator) TapReply(appid, openid, id string) (int64, error)             { return 0, errStub }
func (s *Simulator) AnswerPopup(appid, openid string, answers ...Consent) error   { return errStub }
func (s *Simulator) WithdrawConsent(appid, openid string, templateIDs ...string) error {
	return errStub
}
func (s *Simulator) SetRefuses(appid, openid string, refuses bool) error      { return errStub }
func (s *Simulator) Inbox(openid string) []Received                           { return nil }
func (s *Simulator) Chat(openid string) []Entry                               { return nil }
func (s *Simulator) Follower(appid, openid string) (Follower, error)          { return Follower{}, errStub }
func (s *Simulator) Calls(path string) []Call                                 { return nil }
func (s *Simulator) Pushes() []Push                                           { return nil }
func (s *Simulator) Clock() time.Time                                         { return time.Time{} }
func (s *Simulator) Advance(d time.Duration)                                  {}
func (s *Simulator) SetClock(t time.Time)                                     {}
func (s *Simulator) AddFault(f Fault) (int64, error)                          { return 0, errStub }
func (s *Simulator) Faults() []Fault                                          { return nil }
func (s *Simulator) AddPushFault(f PushFault) (int64, error)                  { return 0, errStub }
func (s *Simulator) PushFaults() []PushFault                                  { return nil }
func (s *Simulator) RemoveFault(id int64)                                     {}
func (s *Simulator) ClearFaults()                                             {}
func (s *Simulator) RevokeTokens(appid string) error                          { return errStub }
func (s *Simulator) Quotas(appid string) []Quota                              { return nil }
func (s *Simulator) SetQuota(appid, path string, perDay, perMinute int) error { return errStub }
func (s *Simulator) SetPermanentStock(appid string, n int) error              { return errStub }
func (s *Simulator) Codes(appid string) []Code                                { return nil }
func (s *Simulator) AdoptCode(c Code) error                                   { return errStub }
func (s *Simulator) AddTemplate(appid string, t Template) (string, error)     { return "", errStub }
func (s *Simulator) Media(id string) (data []byte, contentType string, ok bool) {
	return nil, "", false
}
