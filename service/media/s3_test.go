package media_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/config"
)

// s3 plays an S3 service with one bucket, "pics": whole objects, objects in parts, ranges, lists in pages of two.
type s3 struct {
	mu      sync.Mutex
	objects map[string][]byte
	parts   map[string]map[int][]byte // by upload id
	down    bool
	unsafe  int // requests that were not signed
}

func newS3(t *testing.T) (*s3, config.Media) {
	t.Helper()
	s := &s3{objects: map[string][]byte{}, parts: map[string]map[int][]byte{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	return s, config.Media{
		Kind: config.S3, Endpoint: u.Host, Bucket: "pics", Prefix: "liuke/a", AccessKey: "key", SecretKey: "secret",
		Region: "r1", PlainHTTP: true,
	}
}

func (s *s3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=key/") {
		s.unsafe++
	}
	q := r.URL.Query()
	key, inBucket := strings.CutPrefix(r.URL.Path, "/pics/")
	switch {
	case s.down:
		s.fail(w, http.StatusServiceUnavailable, "SlowDown")
	case !inBucket:
		s.fail(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodGet:
		s.list(w, q)
	case r.Method == http.MethodPost && q.Has("uploads"):
		id := strconv.Itoa(len(s.parts))
		s.parts[id] = map[int][]byte{}
		_, _ = fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case r.Method == http.MethodPost:
		var whole []byte
		for n := range len(s.parts[q.Get("uploadId")]) {
			whole = append(whole, s.parts[q.Get("uploadId")][n+1]...)
		}
		delete(s.parts, q.Get("uploadId"))
		s.objects[key] = whole
		_, _ = fmt.Fprintf(w, "<CompleteMultipartUploadResult><Bucket>pics</Bucket><Key>%s</Key><ETag>%s</ETag></CompleteMultipartUploadResult>", key, etag(whole))
	case r.Method == http.MethodPut:
		s.put(w, r, key, q)
	case r.Method == http.MethodDelete:
		if q.Has("uploadId") {
			delete(s.parts, q.Get("uploadId"))
		} else {
			delete(s.objects, key)
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		body, ok := s.objects[key]
		if !ok {
			s.fail(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", etag(body))
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(body))
	}
}

func (s *s3) put(w http.ResponseWriter, r *http.Request, key string, q url.Values) {
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body, err = unchunk(body)
	}
	if err != nil {
		s.fail(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	w.Header().Set("ETag", etag(body))
	if parts := s.parts[q.Get("uploadId")]; parts != nil {
		n, _ := strconv.Atoi(q.Get("partNumber"))
		parts[n] = body
		return
	}
	s.objects[key] = body
}

// unchunk undoes the framing of a body that is signed piece by piece.
func unchunk(body []byte) (plain []byte, err error) {
	r := bufio.NewReader(bytes.NewReader(body))
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return plain, err
		}
		piece := make([]byte, n+2)
		if _, err := io.ReadFull(r, piece); err != nil {
			return nil, err
		}
		plain = append(plain, piece[:n]...)
	}
}

func (s *s3) list(w http.ResponseWriter, q url.Values) {
	type content struct {
		Key  string
		Size int
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string
		Contents              []content
	}
	for key, body := range s.objects {
		if strings.HasPrefix(key, q.Get("prefix")) && key > q.Get("continuation-token") {
			page.Contents = append(page.Contents, content{key, len(body)})
		}
	}
	slices.SortFunc(page.Contents, func(a, b content) int { return strings.Compare(a.Key, b.Key) })
	if len(page.Contents) > 2 {
		page.Contents, page.IsTruncated = page.Contents[:2], true
		page.NextContinuationToken = page.Contents[1].Key
	}
	_ = xml.NewEncoder(w).Encode(page)
}

func (s *s3) fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func etag(b []byte) string {
	sum := md5.Sum(b) // S3 names the content of an object by it
	return strconv.Quote(hex.EncodeToString(sum[:]))
}
