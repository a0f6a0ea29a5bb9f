package gateway

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// posters answer for one event and one registration link.
type posters struct {
	outreachv1.UnimplementedEventServiceServer
}

func (posters) GetEvent(_ context.Context, req *outreachv1.GetEventRequest) (*outreachv1.GetEventResponse, error) {
	if req.GetId() != someID {
		return nil, fault.ErrNotFound
	}
	return &outreachv1.GetEventResponse{Event: &outreachv1.Event{
		Id: someID, Title: `"朝の清掃" <script>alert(1)</script>`, BodyHtml: "<p>どなたでも</p>", StartsOn: "2026-12-05",
		Credits: []*typev1.Credit{{Part: typev1.Credit_ORGANIZER, Name: "見本の会"}, {Part: typev1.Credit_CO_ORGANIZER, Name: "区民生活部"}}, State: outreachv1.Event_PUBLISHED,
	}}, nil
}

const linkToken = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

type links struct {
	outreachv1.UnimplementedRegistrationServiceServer
	confirmed, cancelled atomic.Int32
}

func (l *links) registration(token string) (*outreachv1.Registration, error) {
	if token != linkToken {
		return nil, fault.ErrNotFound
	}
	r := &outreachv1.Registration{EventId: someID, State: outreachv1.Registration_ADMITTED, Confirmed: l.confirmed.Load() > 0}
	if l.cancelled.Load() > 0 {
		r.State = outreachv1.Registration_CANCELLED
	}
	return r, nil
}

func (l *links) GetRegistrationLink(_ context.Context, req *outreachv1.GetRegistrationLinkRequest) (*outreachv1.GetRegistrationLinkResponse, error) {
	r, err := l.registration(req.GetToken())
	return &outreachv1.GetRegistrationLinkResponse{Registration: r}, err
}

func (l *links) ConfirmRegistration(_ context.Context, req *outreachv1.ConfirmRegistrationRequest) (*outreachv1.ConfirmRegistrationResponse, error) {
	l.confirmed.Add(1)
	r, err := l.registration(req.GetToken())
	return &outreachv1.ConfirmRegistrationResponse{Registration: r}, err
}

func (l *links) CancelRegistrationByLink(_ context.Context, req *outreachv1.CancelRegistrationByLinkRequest) (*outreachv1.CancelRegistrationByLinkResponse, error) {
	l.cancelled.Add(1)
	r, err := l.registration(req.GetToken())
	return &outreachv1.CancelRegistrationByLinkResponse{Registration: r}, err
}

// registerOutreach puts what stands in for outreach on the server.
func (e *edge) registerOutreach(server grpc.ServiceRegistrar) {
	outreachv1.RegisterFeedServiceServer(server, feeds{})
	outreachv1.RegisterEventServiceServer(server, posters{})
	outreachv1.RegisterOpportunityServiceServer(server, callers{})
	outreachv1.RegisterShiftServiceServer(server, timetables{})
	outreachv1.RegisterRegistrationServiceServer(server, &e.links)
	outreachv1.RegisterNewsletterSubscriptionServiceServer(server, &e.readers)
	outreachv1.RegisterNewsletterTopicServiceServer(server, &e.readers)
	outreachv1.RegisterNewsletterIssueServiceServer(server, &e.readers)
}

func TestPublicationPage(t *testing.T) {
	e := start(t)
	body := text(t, e.do(ask{method: "GET", path: "/events/" + someID}))
	for _, want := range []string{"見本の会", "区民生活部", "<p>どなたでも</p>", `datetime="2026-12-05"`, "&lt;script&gt;"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "<script>") {
		t.Error("the title is a script")
	}
	for _, path := range []string{"/events/" + otherID, "/events/none", "/articles/", "/events/" + someID + "/confirm"} {
		if resp := e.do(ask{method: "GET", path: path}); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

func TestRegistrationPage(t *testing.T) {
	e := start(t)
	path := "/registrations/" + linkToken
	for range 3 {
		resp := e.do(ask{method: "GET", path: path})
		if body := text(t, resp); !strings.Contains(body, path+"/confirm") || resp.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("%s %s", resp.Status, body)
		}
	}
	if e.links.confirmed.Load()+e.links.cancelled.Load() != 0 {
		t.Error("GET changed something")
	}
	if resp := e.do(ask{method: "GET", path: path + "/confirm"}); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Error(resp.Status)
	}
	if doc, _ := e.problem(ask{method: "POST", path: path + "/confirm", header: []string{"Sec-Fetch-Site: cross-site"}}); doc.Reason != "CROSS_ORIGIN_FORBIDDEN" {
		t.Error(doc.Reason)
	}
	form := []string{"Content-Type: application/x-www-form-urlencoded"}
	for _, s := range [][2]string{{"/confirm", "参加いただけます"}, {"/cancel", "取り消されています"}} {
		step, want := s[0], s[1]
		resp := e.do(ask{method: "POST", path: path + step, header: form})
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %s", step, resp.Status)
		}
		if body := text(t, e.do(ask{method: "GET", path: resp.Header.Get("Location")})); !strings.Contains(body, want) {
			t.Errorf("%s: %s", step, body)
		}
	}
	if e.links.confirmed.Load() != 1 || e.links.cancelled.Load() != 1 {
		t.Errorf("%d confirmed, %d cancelled", e.links.confirmed.Load(), e.links.cancelled.Load())
	}
}
