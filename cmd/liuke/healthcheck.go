package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthcheckCommand struct{}

const healthcheckTimeout = 3 * time.Second

// Run asks /healthz at the address of LIUKE_LISTEN, by the loopback where that is every address.
func (healthcheckCommand) Run(w *world) error {
	cfg, _, err := w.settings()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return fmt.Errorf("LIUKE_LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", http.NoBody)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: healthcheckTimeout}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d", req.URL, resp.StatusCode)
	}
	return nil
}
