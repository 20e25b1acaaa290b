package wechat

import (
	"context"
	"net/url"
	"strings"
)

// fetchVideo follows the address that media/get gives for a video. It carries no token.
func (c *Client) fetchVideo(ctx context.Context, r request, text string, d *download) error {
	address, ok := c.videoAddress(text)
	if !ok {
		return &Error{API: r.api, Reason: "foreign_host", Reaction: ReactGiveUp}
	}
	return c.roundTrip(ctx, address, r, func(got reply) error {
		return d.copy(ctx, r, got)
	})
}

// videoAddress lets through the host that we speak to anyway, and Tencent's file servers by TLS: whoever could put
// another address into an answer must not make us ask inside our own network. WeChat writes these with http://.
func (c *Client) videoAddress(text string) (*url.URL, bool) {
	address, err := url.Parse(text)
	if err != nil || address.User != nil || address.Scheme != "http" && address.Scheme != "https" {
		return nil, false
	}
	if address.Host == c.base.Host {
		address.Scheme = c.base.Scheme
		return address, true
	}
	host := strings.ToLower(address.Host) // with the port: a port of its own is refused
	if !strings.HasSuffix(host, ".qq.com") && !strings.HasSuffix(host, ".qpic.cn") {
		return nil, false
	}
	address.Scheme = "https"
	return address, true
}
