package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	moderncsqlite "modernc.org/sqlite"
)

// IsDuplicate reports whether err says that a unique key is taken.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// IsNotFound reports whether err says that no row fits.
func IsNotFound(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

// Numbers of errors that pass by themselves, of MySQL and of TiDB.
const (
	mysqlLockWait = 1205
	mysqlDeadlock = 1213
	tidbNoNumber  = 1105 // what TiDB has no number for; then its words count
	tidbCannot    = 8002 // the row that was locked has changed meanwhile
	tidbRetryable = 8022
	tidbSchema    = 8028 // the schema has changed meanwhile
	tidbConflict  = 9007 // somebody else has written the row meanwhile
)

// tidbGivesWay is how TiDB tells that a statement tried 256 times to get its locks.
const tidbGivesWay = "pessimistic lock retry limit reached"

// ErrAgain says that the transaction must run again, like one that was rolled back for the sake of another. TiDB shows no row
// to a locking read that the same transaction has looked for in vain, even after an insert has met it there.
var ErrAgain = errors.New("database: run the transaction again")

// isDeadlock reports whether the whole transaction was rolled back for the sake of another and may run again.
func isDeadlock(err error) bool {
	if errors.Is(err, ErrAgain) {
		return true
	}
	var my *mysql.MySQLError
	if !errors.As(err, &my) {
		return false
	}
	switch my.Number {
	case mysqlLockWait, mysqlDeadlock, tidbCannot, tidbRetryable, tidbSchema, tidbConflict:
		return true
	case tidbNoNumber:
		return strings.Contains(my.Message, tidbGivesWay)
	}
	return false
}

// IsTransient reports whether err lies in the database or the way to it (away, busy, full, shutting down) and not in
// what was asked: the same may work later.
func IsTransient(err error) bool {
	if err == nil {
		return false
	}
	if isDeadlock(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return true
	}
	var network net.Error
	if errors.As(err, &network) {
		return true
	}
	var lite *moderncsqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqliteBusy, sqliteLocked, sqliteFull, sqliteIOErr, sqliteCantOpen:
			return true
		}
		return false
	}
	var my *mysql.MySQLError
	if errors.As(err, &my) {
		switch my.Number {
		// too many connections, shutdown, killed, read only, disk full, lost connection, no such server
		case 1040, 1053, 1129, 1158, 1159, 1160, 1161, 1203, 1290, 1317, 1836, 1021, 1114, 1927, 2006, 2013, 3024, 9001, 9002, 9003, 9005:
			return true
		}
	}
	return false
}

// IsAway reports whether err says that the database, or the way to it, is away or too slow just now. A deadlock and a
// caller who gave up say nothing of the kind.
func IsAway(err error) bool {
	return IsTransient(err) && !isDeadlock(err) && !errors.Is(err, context.Canceled)
}

// Describe tells an error without what a server repeats of the data: its number, if it is the server's.
func Describe(err error) string {
	var my *mysql.MySQLError
	if errors.As(err, &my) {
		return "mysql error " + strconv.Itoa(int(my.Number))
	}
	var lite *moderncsqlite.Error
	if errors.As(err, &lite) {
		return "sqlite error " + strconv.Itoa(lite.Code())
	}
	return err.Error()
}
