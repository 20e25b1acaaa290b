package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// wire is one keep-alive connection. It writes finished requests and reads only what an answer needs, because the load
// shares the machine with what is measured.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
}

// answerTimeout is longer than WeChat's 5 s, so that a slow answer is measured and not hidden.
const answerTimeout = 20 * time.Second

func dial(ctx context.Context, host string) (*wire, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &wire{conn, bufio.NewReaderSize(conn, 2048)}, nil
}

// send writes a request and reads its answer.
func (w *wire) send(request []byte) (status int, body string, err error) {
	if err := w.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, "", err
	}
	if _, err := w.conn.Write(request); err != nil {
		return 0, "", fmt.Errorf("write: %w", err)
	}
	return w.answer()
}

func (w *wire) answer() (status int, body string, err error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return 0, "", fmt.Errorf("read the status: %w", err)
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, "", errors.New("no HTTP answer")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, "", fmt.Errorf("read the status: %w", err)
	}
	size := -1
	for {
		line, err = w.in.ReadSlice('\n')
		if err != nil {
			return 0, "", fmt.Errorf("read the header: %w", err)
		}
		if len(line) <= 2 {
			break
		}
		if line[0]|0x20 != 'c' {
			continue
		}
		if name, value, ok := strings.Cut(string(line), ":"); ok && strings.EqualFold(name, "Content-Length") {
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, "", fmt.Errorf("read the length: %w", err)
			}
		}
	}
	if size < 0 || size > 1<<20 {
		return 0, "", errors.New("an answer without length")
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(w.in, text); err != nil {
		return 0, "", fmt.Errorf("read the body: %w", err)
	}
	return status, string(text), nil
}

func (w *wire) close() { _ = w.conn.Close() }
