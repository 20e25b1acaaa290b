// Package standin is a stand-in for Tencent Cloud's API of text messages, for tests. It is written from the documents
// (382/55981 for the call, 213/30654 for the signature) and not from our client.
package standin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Account is who may call, and what was approved for him.
type Account struct {
	SecretID, SecretKey string
	AppID               string
	Signature           string
	Templates           map[string]string // by id, with {1}, {2} …
}

// Fault is what the next call meets.
type Fault struct {
	Code   string        // refuses the message by this code …
	Whole  bool          // … or the whole call
	Status int           // answers with another status than 200
	Cut    bool          // takes the message and cuts the connection before the answer
	Delay  time.Duration // before anything else
}

// Sent is a message that was taken.
type Sent struct {
	Phone, Text, Context string
	Parts                int64
}

// Server is the stand-in.
type Server struct {
	now     func() time.Time
	account Account

	mu     sync.Mutex
	sent   []Sent
	faults []Fault
	calls  int
}

// New makes one for one account.
func New(a Account, now func() time.Time) *Server { return &Server{now: now, account: a} }

// Next lets the next calls meet faults, in their order.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Sent lists what was taken.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent{}, s.sent...)
}

// Calls tells how many calls came.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ServeHTTP answers SendSms.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	s.mu.Lock()
	s.calls++
	var f Fault
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()
	select {
	case <-time.After(f.Delay):
	case <-r.Context().Done():
		return
	}
	if f.Status != 0 {
		w.WriteHeader(f.Status)
		return
	}
	status, code := s.take(r, body, f)
	if f.Cut {
		panic(http.ErrAbortHandler)
	}
	response := map[string]any{"RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}
	if code != "" {
		response["Error"] = map[string]string{"Code": code, "Message": "refused"}
	} else {
		response["SendStatusSet"] = []any{status}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"Response": response})
}

type sendStatus struct {
	SerialNo       string
	PhoneNumber    string
	Fee            int64
	SessionContext string
	Code           string
	Message        string
	IsoCode        string
}

// take takes a call, or gives the code by which it is refused as a whole.
func (s *Server) take(r *http.Request, body []byte, f Fault) (sendStatus, string) {
	if code := s.check(r, body); code != "" {
		return sendStatus{}, code
	}
	var in struct {
		Phones    []string `json:"PhoneNumberSet"`
		AppID     string   `json:"SmsSdkAppId"`
		Template  string   `json:"TemplateId"`
		Signature string   `json:"SignName"`
		Params    []string `json:"TemplateParamSet"`
		Context   string   `json:"SessionContext"`
	}
	switch {
	case json.Unmarshal(body, &in) != nil:
		return sendStatus{}, "FailedOperation.JsonParseFail"
	case f.Whole:
		return sendStatus{}, f.Code
	case len(in.Phones) != 1 || len(in.Context) >= 512:
		return sendStatus{}, "InvalidParameter"
	}
	out := sendStatus{PhoneNumber: in.Phones[0], SessionContext: in.Context, Code: f.Code}
	text, known := s.account.Templates[in.Template]
	blanks := len(regexp.MustCompile(`\{[0-9]+\}`).FindAllString(text, -1))
	for i, p := range in.Params {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i+1), p)
	}
	text = "【" + in.Signature + "】" + text
	switch {
	case out.Code != "":
	case in.AppID != s.account.AppID:
		out.Code = "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
	case in.Signature != s.account.Signature:
		out.Code = "FailedOperation.SignatureIncorrectOrUnapproved"
	case !known:
		out.Code = "FailedOperation.TemplateIncorrectOrUnapproved"
	case blanks != len(in.Params):
		out.Code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
	case !regexp.MustCompile(`^\+861[0-9]{10}$`).MatchString(out.PhoneNumber):
		out.Code = "InvalidParameterValue.IncorrectPhoneNumber"
	}
	if out.Code != "" {
		out.Message = "refused"
		return out, ""
	}
	out.Code, out.Message, out.IsoCode, out.Fee = "Ok", "send success", "CN", fee(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, Sent{Phone: out.PhoneNumber, Text: text, Context: in.Context, Parts: out.Fee})
	out.SerialNo = fmt.Sprintf("5000:%028d", len(s.sent))
	return out, ""
}

// fee counts by 70 and, of long ones, by 67 characters.
func fee(text string) int64 {
	if n := utf8.RuneCountInString(text); n > 70 {
		return int64((n + 66) / 67)
	}
	return 1
}

var authorizationHeader = regexp.MustCompile(`^TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})$`)

// check verifies what every call must carry, and the signature over it.
func (s *Server) check(r *http.Request, body []byte) string {
	m := authorizationHeader.FindStringSubmatch(r.Header.Get("Authorization"))
	if r.Method != http.MethodPost || r.URL.Path != "/" || m == nil {
		return "AuthFailure.InvalidAuthorization"
	}
	if r.Header.Get("X-TC-Action") != "SendSms" || r.Header.Get("X-TC-Version") != "2021-01-11" {
		return "InvalidAction"
	}
	if r.Header.Get("X-TC-Region") == "" {
		return "MissingParameter"
	}
	seconds, err := strconv.ParseInt(r.Header.Get("X-TC-Timestamp"), 10, 64)
	if err != nil || s.now().Sub(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return "AuthFailure.SignatureExpire"
	}
	day := time.Unix(seconds, 0).UTC().Format("2006-01-02")
	if m[1] != s.account.SecretID {
		return "AuthFailure.SecretIdNotFound"
	}
	canonical := "POST\n/\n\n"
	for name := range strings.SplitSeq(m[3], ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "x-tc-action":
			value = strings.ToLower(value)
		}
		canonical += name + ":" + value + "\n"
	}
	sum := sha256.Sum256(body)
	canonical += "\n" + m[3] + "\n" + hex.EncodeToString(sum[:])
	sum = sha256.Sum256([]byte(canonical))
	text := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s/sms/tc3_request\n%x", seconds, day, sum)
	secretDate := keyed([]byte("TC3"+s.account.SecretKey), day)
	secretSigning := keyed(keyed(secretDate, "sms"), "tc3_request")
	want := hex.EncodeToString(keyed(secretSigning, text))
	if m[2] != day || !hmac.Equal([]byte(want), []byte(m[4])) || !strings.Contains(m[3], "content-type;host") {
		return "AuthFailure.SignatureFailure"
	}
	return ""
}

func keyed(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
