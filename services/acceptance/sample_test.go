package acceptance

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// TestSampleData reads the sample data as everybody sees it.
func TestSampleData(t *testing.T) {
	w := servicetest.StartWith(t, servicetest.Options{Sample: true}, directory.Module, proposals.Module)
	conn := w.As(auth.Anonymous)
	calls := proposalsv1.NewCallServiceClient(conn)
	listed, err := calls.ListCalls(t.Context(), &proposalsv1.ListCallsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var years []int32
	for _, c := range listed.GetCalls() {
		years = append(years, c.GetFiscalYear())
	}
	if !cmp.Equal(years, []int32{2026, 2026, 2002}) {
		t.Fatalf("calls of %v", years)
	}
	first := listed.GetCalls()[2]

	t.Run("2002", func(t *testing.T) {
		figures, err := proposalsv1.NewStatisticsServiceClient(conn).GetCallStatistics(t.Context(), &proposalsv1.GetCallStatisticsRequest{Id: first.GetId()})
		if err != nil {
			t.Fatal(err)
		}
		if s := figures.GetStatistics(); s.GetOrganizations() != 13 || s.GetProposals() != 22 || s.GetReceived() != 22 {
			t.Errorf("statistics: %v", s)
		}
		course, err := calls.ListCallProgress(t.Context(), &proposalsv1.ListCallProgressRequest{CallId: first.GetId()})
		if err != nil {
			t.Fatal(err)
		}
		if len(course.GetEntries()) != 1 {
			t.Errorf("course of the call: %v", course.GetEntries())
		}
		if first.GetState() != proposalsv1.Call_CONCLUDED {
			t.Errorf("state of the call: %s", first.GetState())
		}
	})
	t.Run("numbers", func(t *testing.T) {
		all, err := proposalsv1.NewProposalServiceClient(conn).ListProposals(t.Context(), &proposalsv1.ListProposalsRequest{CallId: first.GetId(), OrderBy: "number"})
		if err != nil {
			t.Fatal(err)
		}
		n := len(all.GetProposals())
		if n != 22 || all.GetProposals()[0].GetNumber() != "H14-提-0001" || all.GetProposals()[n-1].GetNumber() != "H14-提-0022" {
			t.Errorf("%d proposals: %v", n, all.GetProposals())
		}
	})
	t.Run("present", func(t *testing.T) { presentSamples(t, w, listed.GetCalls()) })
}

// presentSamples holds what everybody reads of the proposals of the present
// calls: the adopted one with its course, the others not at all.
func presentSamples(t *testing.T, w *servicetest.World, listed []*proposalsv1.Call) {
	conn := w.As(auth.Anonymous)
	allYear := listed[slices.IndexFunc(listed, func(c *proposalsv1.Call) bool { return c.GetMode() == proposalsv1.Call_ALL_YEAR })]
	figures, err := proposalsv1.NewStatisticsServiceClient(conn).GetCallStatistics(t.Context(), &proposalsv1.GetCallStatisticsRequest{Id: allYear.GetId()})
	if err != nil {
		t.Fatal(err)
	}
	if s := figures.GetStatistics(); s.GetProposals() != 2 || s.GetAdopted() != 1 || s.GetInExamination() != 1 {
		t.Errorf("statistics: %v", s)
	}
	public, err := proposalsv1.NewProposalServiceClient(conn).ListProposals(t.Context(), &proposalsv1.ListProposalsRequest{CallId: allYear.GetId()})
	if err != nil || len(public.GetProposals()) != 1 {
		t.Fatalf("published proposals: %v, %v", public, err)
	}
	course, err := proposalsv1.NewProgressServiceClient(conn).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: public.GetProposals()[0].GetId()})
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, e := range course.GetEntries() {
		titles = append(titles, e.GetTitle())
	}
	// A drafted decision is 審査中 for everybody, whatever was before it.
	if want := []string{"受付", "審査中", "協議中", "審査中", "採択"}; !cmp.Equal(titles, want) {
		t.Errorf("course: %s", cmp.Diff(want, titles))
	}
	if course.GetOrganizationName() == "" || len(course.GetDepartmentNames()) != 2 {
		t.Errorf("beside the course: %q, %q", course.GetOrganizationName(), course.GetDepartmentNames())
	}
}

// TestSampleDataIsLoadedOnce starts the loading again on what it has left.
func TestSampleDataIsLoadedOnce(t *testing.T) {
	again := proposals.Module
	again.Sample = twice(proposals.Module.Sample)
	w := servicetest.StartWith(t, servicetest.Options{Sample: true}, directory.Module, again)
	var calls, all int
	if err := w.DB("proposals").QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM call), (SELECT count(*) FROM proposal)`).Scan(&calls, &all); err != nil {
		t.Fatal(err)
	}
	if calls != 3 || all != 25 {
		t.Errorf("%d calls and %d proposals, want 3 and 25", calls, all)
	}
}

func twice(load func(context.Context, service.Deps) error) func(context.Context, service.Deps) error {
	return func(ctx context.Context, d service.Deps) error {
		return errors.Join(load(ctx, d), load(ctx, d))
	}
}
