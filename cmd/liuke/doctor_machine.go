package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"liuke/config"
	"liuke/service/bus"
)

// What a disk should have left, and how fast it should be.
const (
	leastFree  = 1 << 30
	slowSync   = 100 * time.Millisecond
	bytesOfGiB = 1 << 30
)

// address looks at what browsers and WeChat are told to call.
func (d *doctor) address() {
	u, err := url.Parse(d.cfg.PublicURL)
	switch {
	case err != nil:
		d.ill("address", "LIUKE_PUBLIC_URL cannot be read", "scheme and host, such as https://liuke.example.com")
	case u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1":
		d.note("address", d.cfg.PublicURL+" is only reached from this machine; set LIUKE_PUBLIC_URL")
	case u.Scheme != "https":
		d.ill("address", d.cfg.PublicURL+" is not encrypted", "put a balancer with TLS before it and set LIUKE_PUBLIC_URL to https://…")
	default:
		d.well("address", d.cfg.PublicURL)
	}
}

// disk writes a little into each folder that the program keeps something in.
func (d *doctor) disk() {
	folders := map[string]string{"journal": d.cfg.JournalDir}
	order := []string{"data", "media", "journal"}
	if d.cfg.Database.Kind == config.SQLite {
		folders["data"] = filepath.Dir(d.cfg.Database.Path)
	}
	if d.cfg.Media.Kind == config.File {
		folders["media"] = d.cfg.Media.Dir
	}
	for _, what := range order {
		if folder := folders[what]; folder != "" {
			d.folder(what, folder)
		}
	}
}

func (d *doctor) folder(what, folder string) {
	there := nearest(folder)
	took, err := trySync(there)
	if err != nil {
		d.ill(what, fmt.Sprintf("%s cannot be written (%v)", folder, plain(err)), "give the program's user the folder")
		return
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(there, &fs); err != nil {
		d.ill(what, fmt.Sprintf("%s does not tell its free space (%v)", folder, plain(err)), "look at the file system")
		return
	}
	free := fs.Bavail * uint64(fs.Bsize) //nolint:gosec // no file system has blocks of negative size
	words := fmt.Sprintf("%s has %.1f GiB free, a write takes %d ms to be on the disk", folder, float64(free)/bytesOfGiB, took.Milliseconds())
	switch {
	case free < leastFree:
		d.ill(what, words, "make room: with a full disk nothing is taken in any more")
	case took > slowSync:
		d.ill(what, words, "every message waits for such a write: use a faster disk")
	default:
		d.well(what, words)
	}
}

// nearest is the folder, or the nearest above it that is there: the program makes the rest.
func nearest(folder string) string {
	for {
		if exists(folder) || filepath.Dir(folder) == folder {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

// trySync tells how long a small write takes to be on the disk.
func trySync(folder string) (took time.Duration, err error) {
	f, err := os.CreateTemp(folder, ".liuke-doctor-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	began := time.Now()
	if _, err := f.WriteString("doctor\n"); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// plain leaves the path away, which stands beside it.
func plain(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// redis asks for an answer.
func (d *doctor) redis() {
	if len(d.cfg.Redis.Addrs) == 0 {
		if d.cfg.Database.Kind == config.MySQL {
			d.note("redis", "none: right for one instance alone; several need LIUKE_REDIS")
		}
		return
	}
	ctx, cancel := d.bounded()
	defer cancel()
	r := d.cfg.Redis
	b, err := bus.Open(ctx, bus.Options{
		Addrs: r.Addrs, DB: r.DB, Username: r.Username, Password: r.Password, Cluster: r.Cluster, Now: time.Now, Log: quiet(),
	})
	if err == nil {
		began := time.Now()
		if err = b.Healthy(ctx); err == nil {
			d.well("redis", fmt.Sprintf("answers in %d ms", time.Since(began).Milliseconds()))
		}
		err = errors.Join(err, b.Close())
	}
	if err != nil {
		d.ill("redis", "does not answer at "+r.String(), "start it, or correct LIUKE_REDIS; meanwhile screens are up to a few seconds late")
	}
}
