package config

import (
	"errors"
	"net/url"
	"strings"
)

// The kinds of media store.
const (
	File = "file"
	S3   = "s3"
)

// Media says where pictures, voice and video are kept: file:DIR, or
// s3://ACCESS_KEY:SECRET_KEY@HOST[:PORT]/BUCKET[/PREFIX][?region=REGION][&tls=off].
type Media struct {
	Kind      string // File or S3
	Dir       string // the folder
	Endpoint  string // host[:port] of the S3 service
	Bucket    string
	Prefix    string // what every object's name begins with, no slash at either end
	Region    string // may be empty
	AccessKey string
	SecretKey string
	PlainHTTP bool // for a service in the own network that speaks no TLS
}

// UnmarshalText reads the value of LIUKE_MEDIA.
func (m *Media) UnmarshalText(text []byte) error {
	if dir, ok := strings.CutPrefix(string(text), File+":"); ok {
		if dir == "" || strings.HasPrefix(dir, "//") || strings.Contains(dir, "\x00") {
			return errors.New("must name a folder after file:, such as file:data/media")
		}
		*m = Media{Kind: File, Dir: dir}
		return nil
	}
	if !strings.HasPrefix(string(text), S3+"://") {
		return errors.New("must begin with file: or s3://")
	}
	return m.unmarshalS3(string(text))
}

func (m *Media) unmarshalS3(text string) error {
	wrong := errors.New("must be s3://access_key:secret_key@host/bucket, keys percent-encoded")
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User == nil || u.Fragment != "" {
		return wrong
	}
	secret, _ := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.User.Username() == "" || secret == "" || bucket == "" {
		return wrong
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return wrong
	}
	for name, values := range query {
		known := name == "region" || name == "tls" && (values[0] == "on" || values[0] == "off")
		if !known || len(values) != 1 {
			return errors.New("takes only region=NAME and tls=on or tls=off after the question mark")
		}
	}
	*m = Media{
		Kind: S3, Endpoint: u.Host, Bucket: bucket, Prefix: prefix, Region: query.Get("region"),
		AccessKey: u.User.Username(), SecretKey: secret, PlainHTTP: query.Get("tls") == "off",
	}
	return nil
}

// String shows the place without the keys.
func (m Media) String() string {
	if m.Kind != S3 {
		return m.Kind + ":" + m.Dir
	}
	return strings.TrimRight("s3://"+hidden+"@"+m.Endpoint+"/"+m.Bucket+"/"+m.Prefix, "/")
}

// GoString is String, for %#v.
func (m Media) GoString() string { return m.String() }
