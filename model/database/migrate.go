package database

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm/clause"

	"liuke/model"
)

//go:embed migrations
var migrations embed.FS

// ProgramVersion is this program's place in the row of schema changes: a schema may state the oldest program that may
// still use it, so that an old program stops instead of spoiling data. It grows with what an old program would spoil:
//
//	2  more than one data key (model/keys)
const ProgramVersion = 2

// minProgram is the key under which a schema states that oldest program.
const minProgram = "min_program"

// Migrate brings the schema up to date and tells the names of the steps it took. Several programs may call it at once.
// A step on MySQL is not one transaction, so each can be run again over its own remains.
func (db *DB) Migrate(ctx context.Context) ([]string, error) {
	p, err := db.provider()
	if err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("bring the schema up to date: %w", err)
	}
	var done []string
	for _, r := range results {
		done = append(done, r.Source.Path)
	}
	return done, nil
}

// SchemaVersion tells the version of the schema in the database and the one that this program brings.
func (db *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	p, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	have, want, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	return have, want, nil
}

// WantedSchema is the version of the schema that this program brings, known without a database: the highest number
// among the migrations.
func WantedSchema() int64 {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		return 0
	}
	var highest int64
	for _, f := range files {
		number, _, _ := strings.Cut(path.Base(f), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err == nil {
			highest = max(highest, n)
		}
	}
	return highest
}

// CheckSchema tells in words why this program must not run on the schema, or nil.
func (db *DB) CheckSchema(ctx context.Context) error {
	have, want, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if have < want {
		return fmt.Errorf("the schema is at version %d, this program needs %d: run `liuke migrate`", have, want)
	}
	var meta []model.SchemaMeta
	if err := db.Read(ctx).Where("name = ?", minProgram).Find(&meta).Error; err != nil {
		return fmt.Errorf("read the oldest program the schema takes: %w", err)
	}
	for _, m := range meta {
		if oldest, err := strconv.Atoi(m.Value); err != nil || oldest > ProgramVersion {
			return fmt.Errorf("the schema needs program generation %s, this one is %d: install a newer liuke", m.Value, ProgramVersion)
		}
	}
	return nil
}

// RequireProgram states that programs of an older generation (ProgramVersion) must not use the database any more: they do
// not start on it, and those that run tell so by /readyz.
func (tx *Tx) RequireProgram(generation int) error {
	const what = "state the oldest program the schema takes: %w"
	var meta model.SchemaMeta
	fresh := model.SchemaMeta{Name: minProgram, Value: strconv.Itoa(generation)}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return fmt.Errorf(what, err)
	}
	if err := tx.Lock().Take(&meta, "name = ?", minProgram).Error; err != nil {
		return fmt.Errorf(what, err)
	}
	oldest, err := strconv.Atoi(meta.Value)
	if err != nil {
		return fmt.Errorf(what, err)
	}
	if oldest >= generation {
		return nil
	}
	if err := tx.Model(&model.SchemaMeta{}).Where("name = ?", minProgram).Update("value", fresh.Value).Error; err != nil {
		return fmt.Errorf(what, err)
	}
	return nil
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if db.kind == MySQL {
		dialect, folder = goose.DialectMySQL, "migrations/mysql"
		options = append(options, goose.WithSessionLocker(migrationLock{}))
	}
	steps, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	pool, err := db.pool()
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, pool, steps, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare the migrations: %w", err)
	}
	return p, nil
}

// pool is the plain connection pool, for what gorm does not do.
func (db *DB) pool() (*sql.DB, error) {
	pool, err := db.write.DB()
	if err != nil {
		return nil, fmt.Errorf("database handle: %w", err)
	}
	return pool, nil
}
