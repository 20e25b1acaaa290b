package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"liuke/config"
)

// Limits towards the S3 service.
const (
	// partSize is S3's smallest part and how much of one upload is kept in memory.
	partSize   = 5 << 20
	s3Connect  = 3 * time.Second
	s3Answer   = 10 * time.Second
	s3Tries    = 2 // the fetching tries again by itself, and a person by himself
	s3IdleTime = time.Minute
	s3Idle     = 16
)

// bucket keeps each key as an object of an S3 service.
type bucket struct {
	client *minio.Client
	name   string
	prefix string // "" or ends with a slash
}

func openS3(c config.Media) (*bucket, error) {
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: !c.PlainHTTP, Region: c.Region, MaxRetries: s3Tries,
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: s3Connect}).DialContext,
			TLSHandshakeTimeout:   s3Connect,
			ResponseHeaderTimeout: s3Answer,
			IdleConnTimeout:       s3IdleTime,
			MaxIdleConnsPerHost:   s3Idle,
			DisableCompression:    true, // objects are what they are
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the s3 client: %w", err)
	}
	b := &bucket{client: client, name: c.Bucket}
	if c.Prefix != "" {
		b.prefix = c.Prefix + "/"
	}
	return b, nil
}

// Put sends what fits into one part as one object, and more in parts that become an object at the end.
func (b *bucket) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	options := minio.PutObjectOptions{ContentType: unknownType, PartSize: partSize}
	var first bytes.Buffer
	n, err := io.CopyN(&first, r, partSize)
	switch {
	case errors.Is(err, io.EOF):
		if size >= 0 && n != size {
			return fmt.Errorf("put a media object: %d bytes instead of %d", n, size)
		}
		_, err = b.client.PutObject(ctx, b.name, b.prefix+key, bytes.NewReader(first.Bytes()), n, options)
	case err == nil:
		// A size of its own makes the client read no further than that; a wrong one must fail.
		exact := &exactly{from: io.MultiReader(&first, r), size: size}
		_, err = b.client.PutObject(ctx, b.name, b.prefix+key, exact, -1, options)
	}
	if err != nil {
		return fmt.Errorf("put a media object: %w", err)
	}
	return nil
}

// exactly fails at the end of a reader that had another size; -1 is any.
type exactly struct {
	from io.Reader
	size int64
	n    int64
}

// Read reads on.
func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	e.n += int64(n)
	if errors.Is(err, io.EOF) && e.size >= 0 && e.n != e.size {
		return n, fmt.Errorf("%d bytes instead of %d", e.n, e.size)
	}
	return n, err
}

// Open asks for the object's head and reads the rest as it is wanted.
func (b *bucket) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	object, err := b.client.GetObject(ctx, b.name, b.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open a media object: %w", err)
	}
	if _, err := object.Stat(); err != nil {
		_ = object.Close()
		if isMissing(err) {
			return nil, fmt.Errorf("open a media object: %w", fs.ErrNotExist)
		}
		return nil, fmt.Errorf("open a media object: %w", err)
	}
	return object, nil
}

func isMissing(err error) bool {
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && answer.Code == minio.NoSuchKey
}

// Delete removes the object.
func (b *bucket) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := b.client.RemoveObject(ctx, b.name, b.prefix+key, minio.RemoveObjectOptions{})
	if err != nil && !isMissing(err) {
		return fmt.Errorf("remove a media object: %w", err)
	}
	return nil
}

// List pages through the objects.
func (b *bucket) List(ctx context.Context, each func(key string, size int64) error) error {
	for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("list media objects: %w", o.Err)
		}
		key := strings.TrimPrefix(o.Key, b.prefix)
		if !validKey(key) {
			continue // not ours
		}
		if err := each(key, o.Size); err != nil {
			return fmt.Errorf("list media objects: %w", err)
		}
	}
	if err := ctx.Err(); err != nil { // the list just ends then, and would pass for whole
		return fmt.Errorf("list media objects: %w", err)
	}
	return nil
}
