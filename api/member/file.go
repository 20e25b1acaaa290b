package member

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/member"
)

// mountFile adds the operations on one file and on what many files have in common.
func (r *Room) mountFile(a *rest.API, writers []string) {
	notFound := []int{http.StatusNotFound}
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/members/{id}", Tag: tag, ID: "updateMember", Roles: writers,
		Summary: "Change a member's file; null empties a field", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.update)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/members/{id}/tags", Tag: tag, ID: "setTags", Roles: writers,
		Summary: "The member's tags, in place of those he has", Errors: notFound,
	}, r.setTags)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/members/{id}/tags", Tag: tag, ID: "changeTags", Roles: writers,
		Summary: "Put tags on the member and take others off", Errors: notFound,
	}, r.changeTags)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/tags", Tag: tag, ID: "listTags",
		Summary: "All tags of the account, with how many of the members whom the caller may see wear each",
	}, r.tags)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/notes", Tag: tag, ID: "listNotes", Summary: "Notes, the newest first", Errors: notFound,
	}, r.notes)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/notes", Status: http.StatusCreated, Tag: tag, ID: "addNote", Roles: writers,
		Summary: "Write a note into the file", Idempotent: true, Errors: notFound,
	}, r.addNote)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/members/{id}/notes/{note_id}", Tag: tag, ID: "deleteNote", Roles: writers,
		Summary: "Take a note away: one's own, or any as manager or owner", Errors: notFound,
	}, r.deleteNote)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/timeline", Tag: tag, ID: "getTimeline",
		Summary: "Everything that happened to the member, the newest first", Errors: notFound,
	}, r.timeline)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/member_counts", Tag: tag, ID: "countMembers",
		Summary: "How the members of a filter whom the caller may see are spread; classes, levels and tags as if none was chosen",
	}, r.counts)
}

type updateInput struct {
	ID   string `path:"id"`
	Body struct {
		Name             *string            `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Phone            rest.Patch[string] `json:"phone,omitempty"`
		CardNo           rest.Patch[string] `json:"card_no,omitempty"`
		Birthday         rest.Patch[string] `json:"birthday,omitempty" doc:"2006-01-02"`
		Sex              rest.Patch[string] `json:"sex,omitempty" doc:"female or male"`
		Children         *[]Child           `json:"children,omitempty" maxItems:"12" nullable:"false"`
		ChildrenWere     *[]Child           `json:"children_were,omitempty" maxItems:"12" nullable:"false" doc:"the children as the caller last saw them; others by now: 409 changed_meanwhile"`
		PreferredChannel rest.Patch[string] `json:"preferred_channel,omitempty" doc:"wechat, phone, sms or none"`
		PreferredHours   rest.Patch[string] `json:"preferred_hours,omitempty"`
		Class            rest.Patch[string] `json:"class,omitempty" doc:"seed or key"`
		SubClass         rest.Patch[string] `json:"sub_class,omitempty" doc:"of the class; a new class begins without"`
	}
}

func (r *Room) update(ctx context.Context, actor access.Actor, in *updateInput) (Member, error) {
	b := in.Body
	edit := member.Edit{
		Name: b.Name, Phone: b.Phone.Ptr(), CardNo: b.CardNo.Ptr(), Birthday: b.Birthday.Ptr(), Sex: b.Sex.Ptr(),
		Children: children(b.Children), ChildrenWere: children(b.ChildrenWere), Channel: b.PreferredChannel.Ptr(), Hours: b.PreferredHours.Ptr(), Class: b.Class.Ptr(), SubClass: b.SubClass.Ptr(),
	}
	f, err := r.members.Edit(ctx, actor, in.ID, edit)
	if err != nil {
		return Member{}, err
	}
	return view(f), nil
}

func children(in *[]Child) *[]model.Child {
	if in == nil {
		return nil
	}
	out := make([]model.Child, len(*in))
	for i, c := range *in {
		out[i] = model.Child(c)
	}
	return &out
}

type tagsInput struct {
	ID   string `path:"id"`
	Body struct {
		Tags []string `json:"tags" nullable:"false" maxItems:"100" doc:"at most 20 different ones of 30 characters"`
	}
}

// TagSet are the tags of a member.
type TagSet struct {
	Tags []string `json:"tags" nullable:"false"`
}

func (r *Room) setTags(ctx context.Context, actor access.Actor, in *tagsInput) (TagSet, error) {
	tags, err := r.members.SetTags(ctx, actor, in.ID, in.Body.Tags)
	return TagSet{append([]string{}, tags...)}, err
}

type changeTagsInput struct {
	ID   string `path:"id"`
	Body struct {
		Add    []string `json:"add,omitempty" nullable:"false" maxItems:"20" doc:"at most 30 characters each; a member wears at most 20"`
		Remove []string `json:"remove,omitempty" nullable:"false" maxItems:"20"`
	}
}

func (r *Room) changeTags(ctx context.Context, actor access.Actor, in *changeTagsInput) (TagSet, error) {
	tags, err := r.members.ChangeTags(ctx, actor, in.ID, in.Body.Add, in.Body.Remove)
	return TagSet{append([]string{}, tags...)}, err
}

// TagUse is a tag with how many members wear it.
type TagUse struct {
	Tag   string `json:"tag"`
	Count int64  `json:"count"`
}

func tagView(t member.TagCount) TagUse { return TagUse(t) }

type pageInput struct{ rest.Paging }

func (r *Room) tags(ctx context.Context, actor access.Actor, in *pageInput) (rest.List[TagUse], error) {
	rows, next, err := r.members.Tags(ctx, actor, in.Cursor, in.Limit)
	return rest.Page(rows, next, tagView), err
}

// FileNote is a note in a member's file.
type FileNote struct {
	ID         string    `json:"id"`
	AuthorID   *string   `json:"author_id"`
	AuthorName string    `json:"author_name" doc:"as it was at the time"`
	Text       string    `json:"text"`
	At         rest.Time `json:"at"`
}

func noteView(n model.Note) FileNote {
	return FileNote{n.ID, rest.Null(n.AuthorID), n.AuthorName, n.Text, rest.Time(n.CreatedAt)}
}

type pageOfInput struct {
	rest.Paging

	ID string `path:"id"`
}

func (r *Room) notes(ctx context.Context, actor access.Actor, in *pageOfInput) (rest.List[FileNote], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[FileNote]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.members.Notes(ctx, actor, in.ID, in.Cursor, in.Limit)
	return rest.Page(rows, next, noteView), err
}

type addNoteInput struct {
	ID   string `path:"id"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

func (r *Room) addNote(ctx context.Context, actor access.Actor, in *addNoteInput) (FileNote, error) {
	n, err := r.members.AddNote(ctx, actor, in.ID, in.Body.Text)
	return noteView(n), err
}

type noteInput struct {
	ID     string `path:"id"`
	NoteID string `path:"note_id"`
}

func (r *Room) deleteNote(ctx context.Context, actor access.Actor, in *noteInput) (rest.None, error) {
	return rest.None{}, r.members.DeleteNote(ctx, actor, in.ID, in.NoteID)
}

// Moment is a line of the timeline.
type Moment struct {
	At   rest.Time      `json:"at"`
	Kind string         `json:"kind" doc:"scan, binding, follow, unfollow, note, merge, level; more may come"`
	Data map[string]any `json:"data" nullable:"false" doc:"ids and words by kind"`
}

func momentView(m member.Moment) Moment { return Moment{rest.Time(m.At), m.Kind, m.Data} }

func (r *Room) timeline(ctx context.Context, actor access.Actor, in *pageOfInput) (rest.List[Moment], error) {
	rows, next, err := r.members.Timeline(ctx, actor, in.ID, in.Cursor, in.Limit)
	return rest.Page(rows, next, momentView), err
}

type countsInput struct{ Narrowing }

// Spread says how members are spread.
type Spread struct {
	Total      int64        `json:"total"`
	Subscribed int64        `json:"subscribed" doc:"follow the account now"`
	Unbound    int64        `json:"unbound" doc:"have no clerk"`
	Classes    []ClassCount `json:"classes" nullable:"false"`
	Levels     []LevelCount `json:"levels" nullable:"false"`
	Tags       []TagUse     `json:"tags" nullable:"false" doc:"the hundred most worn"`
}

// ClassCount is a class with how many members have it.
type ClassCount struct {
	Class    string  `json:"class" enum:"seed,key"`
	SubClass *string `json:"sub_class"`
	Count    int64   `json:"count"`
}

// LevelCount is a level with how many members have it.
type LevelCount struct {
	Level *string `json:"level" doc:"null: none yet"`
	Count int64   `json:"count"`
}

func (r *Room) counts(ctx context.Context, actor access.Actor, in *countsInput) (Spread, error) {
	var c member.Counts
	var err error
	if !in.nobody() {
		c, err = r.members.Counts(ctx, actor, in.filter())
	}
	v := Spread{
		Total: c.Total, Subscribed: c.Subscribed, Unbound: c.Unbound,
		Classes: []ClassCount{}, Levels: []LevelCount{}, Tags: rest.Page(c.Tags, "", tagView).Items,
	}
	for _, n := range c.Classes {
		v.Classes = append(v.Classes, ClassCount{n.Class, rest.Null(n.SubClass), n.Count})
	}
	for _, n := range c.Levels {
		v.Levels = append(v.Levels, LevelCount{rest.Null(n.Level), n.Count})
	}
	return v, err
}
