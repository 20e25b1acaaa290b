package textmessage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// How Tencent Cloud's API 3.0 is signed: TC3-HMAC-SHA256 (document 213/30654).
const (
	algorithm     = "TC3-HMAC-SHA256"
	contentJSON   = "application/json; charset=utf-8"
	signedHeaders = "content-type;host;x-tc-action"
	terminator    = "tc3_request"
)

// canonical writes down what of a request is signed. The address of API 3.0 is always / without a query.
func canonical(host, action string, body []byte) string {
	return strings.Join([]string{
		http.MethodPost, "/", "",
		"content-type:" + contentJSON, "host:" + host, "x-tc-action:" + strings.ToLower(action), "",
		signedHeaders, hash(body),
	}, "\n")
}

// authorization is the header of that name. The day is that of Greenwich.
func authorization(secretID, secretKey, service, request string, at time.Time) string {
	day := at.UTC().Format(time.DateOnly)
	scope := day + "/" + service + "/" + terminator
	text := strings.Join([]string{algorithm, strconv.FormatInt(at.Unix(), 10), scope, hash([]byte(request))}, "\n")
	key := []byte("TC3" + secretKey)
	for _, part := range []string{day, service, terminator} {
		key = mac(key, part)
	}
	return algorithm + " Credential=" + secretID + "/" + scope + ", SignedHeaders=" + signedHeaders + ", Signature=" + hex.EncodeToString(mac(key, text))
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // it never fails
	return h.Sum(nil)
}
