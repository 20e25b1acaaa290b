package main

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/binding"
	"liuke/service/campaign"
	"liuke/service/chat"
	"liuke/service/consent"
	"liuke/service/member"
	"liuke/service/purchase"
	"liuke/service/segment"
	"liuke/service/sms"
	"liuke/service/staff"
	"liuke/wechat/simulator"
)

// sampleRooms are the rooms that the sample chain is made through: everything goes the way it goes in earnest.
type sampleRooms struct {
	DB       *database.DB
	Accounts *account.Service
	Staff    *staff.Service
	Members  *member.Service
	Binding  *binding.Service
	Chat     *chat.Service
	SMS      *sms.Service
	Sim      *simulator.Simulator

	Purchases *purchase.Service
	Segments  *segment.Service
	Consents  *consent.Service
	Campaigns *campaign.Service
	Lots      *sampleLots
}

// sample is the sample chain while it is being made.
type sample struct {
	sampleRooms

	clock          *sampleClock
	owner, support access.Actor
	stores         []model.Store
	managers       []access.Actor
	clerks         []access.Actor
	enrolled       []sampleMember // all who are on file
	known          []sampleMember // those who follow, or soon will
	following      int            // how many of them do by now
	answers        int            // answers given by now
	sold           map[int]bool   // sales told by now
}

// sampleMember is a member who has a phone in the simulator.
type sampleMember struct {
	member model.Member
	clerk  access.Actor
	openID string
}

// sampleFollowers is how many of the members on file follow the account.
const sampleFollowers = 46

// addSampleAccount adds the chain's account, with its owner.
func addSampleAccount(ctx context.Context, r sampleRooms, clock *sampleClock) (*sample, error) {
	s := &sample{sampleRooms: r, clock: clock, sold: map[int]bool{}}
	a, err := r.Accounts.Add(ctx, access.System(""), account.Add{
		AppID: sampleAppID, Secret: sampleSecret, Token: sampleToken, AESKey: sampleAESKey,
		Name: sampleChain, OriginalID: sampleOriginalID,
	})
	if err != nil {
		return nil, fmt.Errorf("add the sample account: %w", err)
	}
	heads := sampleHeads()
	if s.owner, err = s.hire(ctx, access.System(a.ID), heads[0]); err != nil {
		return nil, err
	}
	greeting := sampleGreeting
	if _, err := r.Accounts.Update(ctx, s.owner, account.Update{Greeting: &greeting}); err != nil {
		return nil, fmt.Errorf("set the sample greeting: %w", err)
	}
	if _, err := r.SMS.Set(ctx, s.owner, sms.Change{Provider: model.SMSRecording, Signature: sampleSignature, Price: 5}); err != nil {
		return nil, fmt.Errorf("let text messages be recorded: %w", err)
	}
	s.support, err = s.hire(ctx, s.owner, heads[1])
	return s, err
}

// fill makes the stores, people, members and conversations. Server and simulator must be running.
func (s *sample) fill(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.open, s.word, s.pastMonth, s.visit, s.talk} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open makes the region, the stores and their people.
func (s *sample) open(ctx context.Context) error {
	region, err := s.Staff.CreateRegion(ctx, s.owner, staff.CreateRegion{Name: "城中片区"})
	if err != nil {
		return fmt.Errorf("add the sample region: %w", err)
	}
	for _, in := range sampleStores() {
		store, err := s.Staff.CreateStore(ctx, s.owner, staff.CreateStore{Name: in.Name, Code: in.Code, RegionID: region.ID})
		if err != nil {
			return fmt.Errorf("add a sample store: %w", err)
		}
		s.stores = append(s.stores, store)
	}
	for _, p := range sampleManagers() {
		a, err := s.hire(ctx, s.owner, p)
		if err != nil {
			return err
		}
		s.managers = append(s.managers, a)
	}
	for _, p := range sampleClerks() {
		a, err := s.hire(ctx, s.owner, p)
		if err != nil {
			return err
		}
		s.clerks = append(s.clerks, a)
	}
	return nil
}

// word writes down what the chain's clerks say often.
func (s *sample) word(ctx context.Context) error {
	for _, p := range samplePhrases() {
		in := chat.PhraseEdit{Scope: model.ScopeAccount, Title: &p.Title, Text: &p.Text, Situation: &p.Situation}
		if _, err := s.Chat.AddPhrase(ctx, s.owner, in); err != nil {
			return fmt.Errorf("add a sample phrase: %w", err)
		}
	}
	return nil
}

func (s *sample) hire(ctx context.Context, by access.Actor, p samplePerson) (access.Actor, error) {
	in := staff.Create{Name: p.Name, Phone: p.Phone, Password: samplePassword, Role: p.Role}
	if p.Store >= 0 {
		in.StoreID = s.stores[p.Store].ID
	}
	row, err := s.Staff.Create(ctx, by, in)
	if err != nil {
		return access.Actor{}, fmt.Errorf("add a sample person: %w", err)
	}
	return access.Actor{
		Kind: model.ByStaff, AccountID: row.AccountID, StaffID: row.ID, Name: row.Name, Role: row.Role, StoreID: row.StoreID,
	}, nil
}

// enrol writes members down, those from one place of the list to another: most with their clerk, some only with a
// store, a few with neither. The first ones of each clerk follow later.
func (s *sample) enrol(ctx context.Context, files []sampleFile, from, to int) error {
	const ofStores, ofNobody = 12, 4
	for i := from; i < to; i++ {
		in := member.Create{Name: files[i].Name, Phone: files[i].Phone, CardNo: files[i].CardNo}
		actor := s.owner
		switch left := len(files) - i; {
		case left <= ofNobody:
		case left <= ofNobody+ofStores:
			in.StoreID = s.stores[i%len(s.stores)].ID
		default:
			actor = s.clerks[i%len(s.clerks)]
		}
		m, err := s.Members.Create(ctx, actor, in)
		if err != nil {
			return fmt.Errorf("add a sample member: %w", err)
		}
		s.enrolled = append(s.enrolled, sampleMember{member: m, clerk: actor})
		if i < sampleFollowers {
			s.known = append(s.known, sampleMember{member: m, clerk: actor})
		}
	}
	return nil
}

// follow lets members scan the codes that their clerks show them, until so many follow.
func (s *sample) follow(ctx context.Context, upTo int) error {
	for ; s.following < upTo; s.following++ {
		m := &s.known[s.following]
		code, err := s.Binding.Mint(ctx, m.clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.member.ID})
		if err != nil {
			return fmt.Errorf("mint a sample code: %w", err)
		}
		p := s.Sim.NewPerson(m.member.Name)
		m.openID = p.OpenID
		if _, err := s.Sim.Scan(sampleAppID, p.OpenID, code.Scene); err != nil { //nolint:contextcheck // the simulator pushes in its own time
			return fmt.Errorf("scan a sample code: %w", err)
		}
	}
	return s.settle(ctx)
}

// visit lets people come who are not on file. Nobody is at work yet, so who scans a store's code waits in its queue.
func (s *sample) visit(ctx context.Context) error {
	for _, clerk := range s.clerks { // every clerk has a code to show
		if _, err := s.Binding.Mint(ctx, clerk, binding.Mint{Kind: model.CodeClerk}); err != nil {
			return fmt.Errorf("mint a sample code: %w", err)
		}
	}
	for i, v := range sampleVisitors() {
		s.clock.ago(2*time.Hour - time.Duration(i)*7*time.Minute)
		scene := ""
		switch {
		case v.Clerk >= 0:
			code, err := s.Binding.Mint(ctx, s.clerks[v.Clerk], binding.Mint{Kind: model.CodeClerk})
			if err != nil {
				return fmt.Errorf("mint a sample code: %w", err)
			}
			scene = code.Scene
		case v.Store >= 0:
			code, err := s.Binding.Mint(ctx, s.managers[v.Store], binding.Mint{Kind: model.CodeStore})
			if err != nil {
				return fmt.Errorf("mint a sample code: %w", err)
			}
			scene = code.Scene
		}
		p := s.Sim.NewPerson(v.Name)
		if err := s.Sim.Follow(sampleAppID, p.OpenID, scene); err != nil { //nolint:contextcheck // the simulator pushes in its own time
			return fmt.Errorf("let a sample visitor follow: %w", err)
		}
		if err := s.write(ctx, p.OpenID, v.Text); err != nil {
			return err
		}
		if err := s.settle(ctx); err != nil { // his greeting may go out for a minute only
			return err
		}
	}
	for _, name := range sampleStrangers() {
		s.Sim.NewPerson(name)
	}
	return nil
}
