package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"

	"liuke/config"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is what the program can do. Each has a file of its own.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Serve the API, WeChat's callback, the web apps and the background work."`
	Demo        demoCommand        `cmd:"" help:"Serve a sample chain with a WeChat simulator beside it, in one process."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the schema up to date and say what was done."`
	Account     accountCommand     `cmd:"" help:"Service accounts (公众号)."`
	Backup      backupCommand      `cmd:"" help:"Copy database and media into one file. A server may run meanwhile."`
	Restore     restoreCommand     `cmd:"" help:"Bring a backup into an empty database. No server may run on it."`
	Compare     compareCommand     `cmd:"" help:"Tell, table by table and file by file, whether a backup came back: the end of a restore drill."`
	Keys        keysCommand        `cmd:"" help:"The master key, and the data key that the program makes for itself."`
	Doctor      doctorCommand      `cmd:"" help:"Examine settings, disks, database, Redis, clocks and WeChat, and say what to mend."`
	Push        pushCommand        `cmd:"" help:"Pushes that were set aside."`
	Simulator   simulatorCommand   `cmd:"" help:"Play WeChat, for tries without it."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask the program on this machine whether it is alive."`
	Version     versionCommand     `cmd:"" help:"Print version, commit and schema version."`
	OpenAPI     openapiCommand     `cmd:"" name:"openapi" hidden:"" help:"Print the OpenAPI document, made from the routes."`
}

// world is what a command takes from outside.
type world struct {
	ctx            context.Context //nolint:containedctx // a command is one call
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// print tells people what was done. That it cannot be written is no reason to fail.
func (w *world) print(format string, values ...any) { _, _ = fmt.Fprintf(w.stdout, format, values...) }

// settings reads the environment.
func (w *world) settings() (config.Config, *slog.Logger, error) {
	cfg, err := config.Load(w.environ)
	if err != nil {
		return config.Config{}, nil, err
	}
	return cfg, slog.New(slog.NewJSONHandler(w.stderr, &slog.HandlerOptions{Level: cfg.LogLevel})), nil
}

// run executes the program with arguments and gives its exit code. A failure is told in one clear line on stderr;
// wrong settings take one line each.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	var c commands
	type exit int
	complain := func(values ...any) { _, _ = fmt.Fprintln(stderr, append([]any{"liuke:"}, values...)...) }
	parser, err := kong.New(&c, kong.Name("liuke"), kong.Description("Members of a WeChat service account, each served by one clerk."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		complain(err)
		return exitFailed
	}
	defer func() { // kong ends the program after --help
		if p := recover(); p != nil {
			ended, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(ended)
		}
	}()
	if len(args) == 1 && args[0] == "help" {
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		complain(err, "(liuke --help tells more)")
		return exitUsage
	}
	w := &world{ctx, environ, stdin, stdout, stderr}
	err = chosen.Run(w)
	switch usage := new(usageError); {
	case errors.As(err, &usage):
		complain(usage.Error())
		return exitUsage
	case err != nil:
		complain(strings.TrimSpace(err.Error()))
		return exitFailed
	}
	return exitDone
}

// usageError says that the program was called in a wrong way.
type usageError struct{ problem string }

func (e *usageError) Error() string { return e.problem }
