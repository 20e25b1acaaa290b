package handover

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/sheet"
)

// FileRow is a row of a file of moves, as it was written.
type FileRow struct {
	Row                     int64 // as a spreadsheet numbers it
	MemberID, CardNo, Phone string
	Clerk                   string // the phone or the name of who shall get him
}

// FileMove is a row that was understood.
type FileMove struct {
	ByHand

	Row        int64
	MemberName string
}

// FileRefusal is a row that was not, and why.
type FileRefusal struct {
	FileRow

	Reason string
}

// FileMoves is what a file of moves asks for.
type FileMoves struct {
	Moves   []FileMove
	Refused []FileRefusal
	Total   int64
}

// Why a row is refused.
const (
	rowEmpty       = "empty"
	memberUnknown  = "member_unknown"
	memberTwo      = "member_two" // its words mean two members
	memberNotHis   = "not_his"
	clerkUnknown   = "clerk_unknown"
	clerkAmbiguous = "clerk_ambiguous"
	clerkLeft      = "clerk_left"
	toHimself      = "to_himself"
	rowDuplicate   = "duplicate"
)

// Columns of a file of moves.
const (
	columnID    = "member_id"
	columnCard  = "card_no"
	columnPhone = "phone"
	columnClerk = "clerk"
)

// headings are the words that stand over the columns. The receipt's own are among them, so that it can be taken in again.
func headings(column string) []string {
	switch column {
	case columnID:
		return []string{"会员编号", "会员ID", "member_id", "id"}
	case columnCard:
		return []string{"会员卡号", "卡号", "card_no", "card"}
	case columnPhone:
		return []string{"会员手机号", "会员手机", "手机号码", "手机号", "手机", "phone", "mobile"}
	}
	return []string{
		"接手导购手机", "接手导购", "接手人手机", "接手人", "新导购手机", "新导购", "导购手机", "导购", "店员手机", "店员",
		"to_clerk_phone", "to_clerk", "receiver", "clerk",
	}
}

// fileReadAtOnce is how many files of moves one process reads at the same time.
const fileReadAtOnce = 2

// ReadMoves reads a file that says by card, phone or id which members of a clerk go to whom, and tells what it has
// understood and what not. Nothing is written down but that it was read.
func (s *Service) ReadMoves(ctx context.Context, actor access.Actor, fromClerkID string, body io.Reader) (FileMoves, error) {
	from, err := s.giver(ctx, actor, Plan{FromClerkID: fromClerkID})
	if err != nil {
		return FileMoves{}, err
	}
	rows, err := s.fileRows(ctx, body)
	if err != nil {
		return FileMoves{}, err
	}
	r := fileReader{Service: s, actor: actor, from: from}
	if err := r.lookUp(ctx, rows); err != nil {
		return FileMoves{}, err
	}
	out := r.sort(rows)
	return out, s.audit.Record(ctx, actor, audit.Entry{
		Action: "handover.read_file", Object: "staff", ObjectID: from.ID, Detail: fmt.Sprintf("rows:%d refused:%d", out.Total, len(out.Refused)),
	})
}

// fileRows reads the rows of a file.
func (s *Service) fileRows(ctx context.Context, body io.Reader) ([]FileRow, error) {
	var columns map[string]int
	var rows []FileRow
	limits := sheet.Limits{Bytes: model.MaxImportBytes, Rows: model.MaxMoves}
	err := s.files.Read(ctx, body, limits, func(number int64, cells []string) error {
		if columns == nil {
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			columns = sheet.Guess(cells, []string{columnID, columnCard, columnPhone, columnClerk}, headings)
			return needed(columns)
		}
		cell := func(column string) string {
			if at, there := columns[column]; there && at < len(cells) {
				return strings.TrimSpace(sheet.Whole(strings.TrimSpace(cells[at])))
			}
			return ""
		}
		rows = append(rows, FileRow{number, cell(columnID), cell(columnCard), cell(columnPhone), cell(columnClerk)})
		return nil
	})
	if err == nil && len(rows) == 0 {
		err = fault.Input("file", "empty")
	}
	return rows, err
}

// needed tells which column a file lacks.
func needed(columns map[string]int) error {
	if _, there := columns[columnClerk]; !there {
		return fault.Input("file", "no_clerk_column")
	}
	for _, column := range []string{columnID, columnCard, columnPhone} {
		if _, there := columns[column]; there {
			return nil
		}
	}
	return fault.Input("file", "no_member_column")
}

// fileReader knows whom the words of a file mean.
type fileReader struct {
	*Service

	actor access.Actor
	from  model.Staff

	phones map[string]string // as it was written -> in its full form
	his    map[string]string // the clerk's members -> their names
	seen   map[string]bool   // members of others whom the actor sees
	phone  map[string]string // full form -> member
	card   map[string]string
	clerks map[string][]model.Staff
}

// lookUp asks for everybody a file names, all at once.
func (r *fileReader) lookUp(ctx context.Context, rows []FileRow) error {
	r.phones = map[string]string{}
	var full, cards, clerks []string
	for _, row := range rows {
		if e164, ok := model.NormalizePhone(row.Phone); ok && r.phones[row.Phone] == "" {
			r.phones[row.Phone] = e164
			full = append(full, e164)
		}
		if row.CardNo != "" {
			cards = append(cards, row.CardNo)
		}
		if row.Clerk != "" {
			clerks = append(clerks, row.Clerk)
		}
	}
	var err error
	if r.phone, r.card, err = r.members.Known(ctx, r.actor.AccountID, once(full), once(cards)); err != nil {
		return err
	}
	reach := ""
	if r.actor.Is(model.RoleManager) {
		reach = r.actor.StoreID
	}
	if r.clerks, err = r.staff.Named(ctx, r.actor.AccountID, reach, once(clerks)); err != nil {
		return err
	}
	if err := r.findHis(ctx); err != nil {
		return err
	}
	return r.findOthers(ctx, rows)
}

func once(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func (r *fileReader) findHis(ctx context.Context) error {
	var members []model.Member
	err := r.db.Read(ctx).Select("id", "name").
		Where("account_id = ? AND clerk_id = ? AND merged_into = ''", r.actor.AccountID, r.from.ID).
		Limit(model.MaxMoves + 1).Find(&members).Error
	if err != nil {
		return fmt.Errorf("read the members of a clerk: %w", err)
	}
	if len(members) > model.MaxMoves {
		return fault.Input("from_clerk_id", "too_many_members")
	}
	r.his = make(map[string]string, len(members))
	for _, m := range members {
		r.his[m.ID] = m.Name
	}
	return nil
}

// findOthers notes who is a member that the actor sees, but not the clerk's: whom he does not see is unknown to him.
func (r *fileReader) findOthers(ctx context.Context, rows []FileRow) error {
	var ids []string
	for _, row := range rows {
		for _, id := range r.meant(row) {
			if _, his := r.his[id]; !his {
				ids = append(ids, id)
			}
		}
	}
	r.seen = map[string]bool{}
	scope := r.actor.Members(r.db.Now().UnixMilli())
	for chunk := range slices.Chunk(once(ids), askRows) {
		var found []string
		err := r.db.Read(ctx).Model(&model.Member{}).Where(scope.SQL, scope.Args...).
			Where("members.id IN ? AND members.merged_into = ''", chunk).Pluck("members.id", &found).Error
		if err != nil {
			return fmt.Errorf("find the members of others: %w", err)
		}
		for _, id := range found {
			r.seen[id] = true
		}
	}
	return nil
}

// meant lists the members whom the words of a row lead to.
func (r *fileReader) meant(row FileRow) []string {
	var ids []string
	for _, id := range []string{strings.ToLower(row.MemberID), r.card[row.CardNo], r.phone[r.phones[row.Phone]]} {
		if model.ValidID(id) && !contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// sort tells the rows that were understood from the others.
func (r *fileReader) sort(rows []FileRow) FileMoves {
	out := FileMoves{Total: int64(len(rows))}
	named := map[string]bool{}
	for _, row := range rows {
		memberID, reason := r.member(row)
		toID := ""
		if reason == "" {
			toID, reason = r.clerk(row.Clerk)
		}
		if reason == "" && named[memberID] {
			reason = rowDuplicate
		}
		if reason != "" {
			out.Refused = append(out.Refused, FileRefusal{row, reason})
			continue
		}
		named[memberID] = true
		out.Moves = append(out.Moves, FileMove{ByHand{memberID, toID}, row.Row, r.his[memberID]})
	}
	return out
}

// member gives the member whom a row means, or why there is none.
func (r *fileReader) member(row FileRow) (id, reason string) {
	if row.MemberID == "" && row.CardNo == "" && row.Phone == "" || row.Clerk == "" {
		return "", rowEmpty
	}
	var known []string
	for _, id := range r.meant(row) {
		if _, his := r.his[id]; his || r.seen[id] {
			known = append(known, id)
		}
	}
	if len(known) == 0 {
		return "", memberUnknown
	}
	if len(known) > 1 {
		return "", memberTwo
	}
	if _, his := r.his[known[0]]; !his {
		return "", memberNotHis
	}
	return known[0], ""
}

// clerk gives the person whom a word means, or why there is none. Of several with one name it means the one who can
// get members, if there is one only.
func (r *fileReader) clerk(word string) (id, reason string) {
	var can []model.Staff
	reason = clerkUnknown
	for _, p := range r.clerks[word] {
		switch unfit(p) {
		case "":
			can = append(can, p)
		case "left", "leaving":
			reason = clerkLeft
		}
		if p.ID == r.from.ID && len(r.clerks[word]) == 1 {
			return "", toHimself
		}
	}
	switch {
	case len(can) == 0:
		return "", reason
	case len(can) > 1:
		return "", clerkAmbiguous
	}
	if can[0].ID == r.from.ID {
		return "", toHimself
	}
	return can[0].ID, ""
}
