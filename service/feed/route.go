package feed

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
)

// route says to which streams the news of one stream go.
type route struct {
	stream, account string
	end             int64
	targets         []string
}

func chunks(routes []route) iter.Seq[[]route] { return slices.Chunk(routes, askPart) }

// sources reads where the streams stand whose news are copied. ';' is the letter after ':'.
func sources(db *gorm.DB) ([]model.FeedStream, error) {
	var rows []model.FeedStream
	for _, prefix := range []string{deskStream, queueStream, storeStream} {
		var part []model.FeedStream
		err := db.Where("stream >= ? AND stream < ?", prefix, strings.TrimSuffix(prefix, ":")+";").Find(&part).Error
		if err != nil {
			return nil, fmt.Errorf("read the numbers of streams: %w", err)
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// routesOf finds the routes of streams, by account. A supervisor sees the stores of his region and of the regions right
// below it (access), so a store's news go to its region and to the one above. A stream of a store that is gone has no
// route.
func routesOf(db *gorm.DB, streams []model.FeedStream) (map[string][]route, error) {
	storeIDs := make([]string, 0, len(streams))
	for _, s := range streams {
		if _, id, _ := strings.Cut(s.Stream, ":"); !strings.HasPrefix(s.Stream, deskStream) {
			storeIDs = append(storeIDs, id)
		}
	}
	places, err := placesOf(db, storeIDs)
	if err != nil {
		return nil, err
	}
	accounts := map[string][]route{}
	for _, s := range streams {
		_, id, _ := strings.Cut(s.Stream, ":")
		r := route{stream: s.Stream, end: s.Seq, account: id}
		if !strings.HasPrefix(s.Stream, deskStream) {
			p, known := places[id]
			if !known {
				continue
			}
			r.account = p.AccountID
			r.targets = append(r.targets, Region(p.RegionID), Region(p.ParentID))
		}
		r.targets = append(r.targets, Account(r.account))
		accounts[r.account] = append(accounts[r.account], r)
	}
	return accounts, nil
}

// place is where a store belongs.
type place struct{ ID, AccountID, RegionID, ParentID string }

func placesOf(db *gorm.DB, storeIDs []string) (map[string]place, error) {
	found := map[string]place{}
	slices.Sort(storeIDs)
	for part := range slices.Chunk(slices.Compact(storeIDs), askPart) {
		var rows []place
		err := db.Table("stores").
			Select("stores.id, stores.account_id, stores.region_id, COALESCE(regions.parent_id, '') AS parent_id").
			Joins("LEFT JOIN regions ON regions.id = stores.region_id").
			Where("stores.id IN ?", part).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("find the regions of stores: %w", err)
		}
		for _, p := range rows {
			found[p.ID] = p
		}
	}
	return found, nil
}
