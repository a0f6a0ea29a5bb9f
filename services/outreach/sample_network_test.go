package outreach_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// sampleDirectory has whatever the sample data names.
type sampleDirectory struct {
	directoryv1.UnimplementedOrganizationServiceServer
	directoryv1.UnimplementedDepartmentServiceServer
}

func (sampleDirectory) BatchGetOrganizations(_ context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, id := range req.GetIds() {
		resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "見本団体" + id[len(id)-1:], State: directoryv1.Organization_VERIFIED, Version: 1})
	}
	return resp, nil
}

func (sampleDirectory) BatchGetDepartments(_ context.Context, req *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	resp := &directoryv1.BatchGetDepartmentsResponse{}
	for _, id := range req.GetIds() {
		resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "見本課" + id[len(id)-1:]})
	}
	return resp, nil
}

// The first start shows boards, a posting with its sheet, a paused source that was
// never asked, and a decided sponsorship; all of them say that they are samples.
func TestSampleOfBoardsSourcesAndSponsorships(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	w.World = servicetest.StartWith(t, servicetest.Options{Sample: true},
		stand("directory", func(r grpc.ServiceRegistrar) {
			directoryv1.RegisterOrganizationServiceServer(r, sampleDirectory{})
			directoryv1.RegisterDepartmentServiceServer(r, sampleDirectory{})
		}),
		stand("evaluation", func(grpc.ServiceRegistrar) {}), stand("facilities", func(grpc.ServiceRegistrar) {}), stand("proposals", func(grpc.ServiceRegistrar) {}),
		outreach.Module)
	boards, err := w.boards(auth.Anonymous).ListBoards(t.Context(), &outreachv1.ListBoardsRequest{})
	w.must(err)
	postings, err := w.boards(auth.Anonymous).ListPostings(t.Context(), &outreachv1.ListPostingsRequest{On: today().String()})
	w.must(err)
	sources, err := w.sources(desk).ListSources(t.Context(), &outreachv1.ListSourcesRequest{})
	w.must(err)
	issues, err := w.issues(auth.Anonymous).ListIssues(t.Context(), &outreachv1.ListIssuesRequest{})
	w.must(err)
	if got := issues.GetIssues(); len(got) != 1 || got[0].GetState() != outreachv1.NewsletterIssue_SENT || !strings.Contains(got[0].GetTitle(), "見本") {
		t.Errorf("issues %v", got)
	}
	applications, err := w.sponsorships(desk).ListSponsorships(t.Context(), &outreachv1.ListSponsorshipsRequest{})
	w.must(err)
	if len(boards.GetBoards()) != 2 || len(postings.GetPostings()) != 1 || len(sources.GetSources()) != 1 || len(applications.GetSponsorships()) != 2 {
		t.Fatalf("%d boards, %d postings, %d sources, %d sponsorships", len(boards.GetBoards()), len(postings.GetPostings()), len(sources.GetSources()), len(applications.GetSponsorships()))
	}
	if s := sources.GetSources()[0]; s.GetState() != outreachv1.Source_PAUSED || s.GetCheckTime() != nil {
		t.Errorf("source = %v", s)
	}
	for _, text := range []string{
		boards.GetBoards()[0].GetName(), boards.GetBoards()[1].GetName(), postings.GetPostings()[0].GetTitle(), sources.GetSources()[0].GetName(),
		applications.GetSponsorships()[0].GetTitle(), applications.GetSponsorships()[1].GetTitle(),
	} {
		if !strings.Contains(text, "見本") {
			t.Errorf("%q does not say that it is a sample", text)
		}
	}
	calls, err := w.opportunities(auth.Anonymous).ListOpportunities(t.Context(), &outreachv1.ListOpportunitiesRequest{Kind: outreachv1.Opportunity_VOLUNTEER})
	w.must(err)
	for _, c := range calls.GetOpportunities() {
		if !strings.Contains(c.GetTitle(), "見本") || !strings.Contains(c.GetSourceNote(), "協働を進めるためのプログラム") {
			t.Errorf("%q does not say what it is", c.GetTitle())
		}
	}
	if n := len(calls.GetOpportunities()); n != 10 {
		t.Errorf("%d activities of the programme", n)
	}
	summaries, err := w.records(auth.Anonymous).ListTrainingSummaries(t.Context(), &outreachv1.ListTrainingSummariesRequest{})
	w.must(err)
	if s := summaries.GetTrainingSummaries(); len(s) != 1 || !strings.Contains(s[0].GetSummary(), "見本") || !strings.Contains(s[0].GetOpportunityTitle(), "見本") {
		t.Errorf("summaries of training: %v", s)
	}
	pdf, page := w.sheet(auth.Anonymous, postings.GetPostings()[0].GetId())
	if !strings.Contains(pdf, "共催") || !strings.Contains(page, postings.GetPostings()[0].GetNumber()) {
		t.Errorf("sheet:\n%s\n%s", pdf, page)
	}
}
