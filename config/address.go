package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// checkListen tells whether s is host:port, and gives the host:port that a browser on this machine would use.
func checkListen(s string) (string, bool) {
	host, port, err := net.SplitHostPort(s)
	if err != nil || !isPort(port) {
		return "", false
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), true
}

// checkLoopback wants host:port that only this machine can reach. A name is refused: it may lead elsewhere tomorrow.
func checkLoopback(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil || !isPort(port) {
		return errors.New("must be host:port, such as 127.0.0.1:6060")
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return errors.New("must be an address of this machine alone (127.0.0.1 or [::1]): profiles show what the program works on; from elsewhere come by an SSH tunnel")
	}
	return nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == s
}

// cleanURL checks that *s is an absolute http address and takes the slash off its end. Its errors never quote the
// address, which may hold a password that does not belong there.
func cleanURL(s *string, pathAllowed bool) error {
	u, err := url.Parse(*s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.Opaque != "" {
		return errors.New("must be an address such as https://shop.example.com")
	}
	if u.Port() != "" && !isPort(u.Port()) {
		return errors.New("has a port that is not one")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return errors.New("must not hold a user, a query or a fragment")
	}
	if !pathAllowed && strings.Trim(u.Path, "/") != "" {
		return errors.New("must end after the host: the program answers at the root of its address")
	}
	*s = strings.TrimRight(u.String(), "/")
	return nil
}
