// Package model holds the rows, states, pure rules and limits of Liuke, one file per room.
//
// It has no queries and no JSON tags: rows never leave the program as they are. Ids are UUIDv7 in text form, so that
// they need no coordination and sort by birth; every time is Unix milliseconds in UTC.
package model
