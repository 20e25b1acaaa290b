package stream

import (
	"bytes"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/service/feed"
)

// connected gives both ends of a connection.
func connected(t *testing.T) (here, there net.Conn) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	there, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	here, err = listener.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	return here, there
}

func TestWriter_writesEventsAsTheyAreRead(t *testing.T) {
	t.Parallel()
	here, there := connected(t)
	w := &writer{to: here, now: time.Now, timeout: time.Second}
	w.event(feed.Item{ID: "7", Kind: "message", Data: []byte(`{"message_id":"m"}`)})
	w.event(feed.Item{ID: "8", Kind: "reset", Data: []byte(`{}`)})
	require.NoError(t, w.flush())
	require.NoError(t, w.flush(), "nothing more")
	require.Equal(t, bytes.Buffer{}, w.text)
	require.NoError(t, here.Close())
	text, err := io.ReadAll(there)
	require.NoError(t, err)
	require.Equal(t, "id: 7\nevent: message\ndata: {\"message_id\":\"m\"}\n\nid: 8\nevent: reset\ndata: {}\n\n", string(text))
}

func TestWriter_cutsOffWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	here, _ := connected(t) // nobody reads at the other end
	ended := make(chan error, 1)
	go func() {
		w := &writer{to: here, now: time.Now, timeout: 200 * time.Millisecond}
		for {
			w.text.WriteString(strings.Repeat(": more than any buffer holds\n", 10_000))
			if err := w.flush(); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	case <-time.After(10 * time.Second):
		require.Fail(t, "the slow client holds the stream")
	}
}
