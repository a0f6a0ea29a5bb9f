package introduction

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

var noon = time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC)

func proposed(t *testing.T, by Caller) *Introduction {
	t.Helper()
	i, err := New(Introduction{Owner: Side{Party: Party{OrganizationID: "o"}, Contact: []byte("x")}, Partner: Side{Party: Party{DepartmentID: "d"}, Contact: []byte("y")}}, by, noon)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestNewAndAccept(t *testing.T) {
	if _, err := New(Introduction{Owner: Side{Party: Party{OrganizationID: "o"}}, Partner: Side{Party: Party{OrganizationID: "o"}}}, Caller{Partner: true}, noon); !errors.Is(err, ErrToSelf) {
		t.Errorf("to itself: %v", err)
	}
	if _, err := New(Introduction{Owner: Side{Party: Party{OrganizationID: "o"}}, Partner: Side{Party: Party{OrganizationID: "p"}}}, Caller{Owner: true}, noon); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("by the owner for another: %v", err)
	}
	desks := proposed(t, Caller{Desk: true})
	for n, by := range []Caller{{Partner: true}, {Owner: true}} {
		if _, err := desks.Accept(by, noon); err != nil {
			t.Fatal(err)
		}
		if want := []State{Proposed, Accepted}[n]; desks.State != want {
			t.Errorf("after %d agreed it is %s", n+1, desks.State)
		}
	}
	own := proposed(t, Caller{Partner: true})
	if _, err := own.Accept(Caller{Partner: true}, noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("the partner agreed twice: %v", err)
	}
	if _, err := own.Accept(Caller{Desk: true}, noon); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("the desk agreed: %v", err)
	}
	both := proposed(t, Caller{Desk: true})
	for _, want := range []*Side{&both.Owner, &both.Partner} { // An intermediary that acts for both.
		if side, err := both.Accept(Caller{Owner: true, Partner: true}, noon); err != nil || side != want {
			t.Errorf("agreed for %v, %v", side, err)
		}
	}
}

func TestEndErasesContacts(t *testing.T) {
	declined := proposed(t, Caller{Partner: true})
	if err := declined.Decline(Caller{Owner: true}, "不要になりました。", noon); err != nil || declined.State != Declined {
		t.Fatal(err)
	}
	settled := proposed(t, Caller{Partner: true})
	if _, err := settled.Accept(Caller{Owner: true}, noon); err != nil || settled.Owner.Contact == nil {
		t.Fatalf("%v, contact %v", err, settled.Owner.Contact)
	}
	if err := settled.Decline(Caller{Owner: true}, "やめます。", noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("declined after it was accepted: %v", err)
	}
	if err := settled.Record(Caller{Desk: true}, Record{Result: Failed, Note: "x", PublishConsent: true}, noon); err != nil || settled.State != NotConcluded || settled.Desk.PublishConsent {
		t.Errorf("%v: %+v", err, settled)
	}
	for _, i := range []*Introduction{declined, settled} {
		if i.Owner.Contact != nil || i.Partner.Contact != nil || i.EndedAt == nil {
			t.Errorf("%s keeps %v %v", i.State, i.Owner.Contact, i.Partner.Contact)
		}
	}
}
