package stream

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/service/feed"
)

func TestWriter_writesEventsAsTheyAreRead(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	w := &writer{to: rec, control: http.NewResponseController(deadlines{rec}), now: time.Now, timeout: time.Second}
	w.event(feed.Item{ID: "7", Kind: "message", Data: []byte(`{"message_id":"m"}`)})
	w.event(feed.Item{ID: "8", Kind: "reset", Data: []byte(`{}`)})
	require.NoError(t, w.flush())
	require.Equal(t, "id: 7\nevent: message\ndata: {\"message_id\":\"m\"}\n\nid: 8\nevent: reset\ndata: {}\n\n", rec.Body.String())
	require.True(t, rec.Flushed)
}

// deadlines makes a recorder take deadlines.
type deadlines struct{ *httptest.ResponseRecorder }

func (deadlines) SetWriteDeadline(time.Time) error { return nil }

func TestWriter_cutsOffWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		w := &writer{to: rw, control: http.NewResponseController(rw), now: time.Now, timeout: 200 * time.Millisecond}
		for {
			w.text.WriteString(strings.Repeat(": more than any buffer holds\n", 10_000))
			if err := w.flush(); err != nil {
				ended <- err
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
	require.NoError(t, err)
	_, err = bufio.NewReaderSize(conn, 16).ReadString('\n') // the answer begins; nothing more is read
	require.NoError(t, err)
	select {
	case err := <-ended:
		require.Error(t, err)
	case <-time.After(10 * time.Second):
		require.Fail(t, "the slow client holds the stream")
	}
}
