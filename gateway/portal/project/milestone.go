package project

import (
	"net/url"
	"slices"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// milestone is the form of one milestone.
type milestone struct {
	project *evaluationv1.Project
	key     string // Id of the milestone; "new" for one that is added.
	form    *ui.Form
}

const added = "new"

func (m *milestone) title() string {
	if m.key == added {
		return "project.addmilestone"
	}
	return "project.onemilestone"
}

var milestoneLabels = ui.Labels{"title": "project.milestone", "dueOn": "project.dueon", "doneOn": "project.doneon", "note": "project.note"}

// partyProject is the project of the address, for a page that its parties use.
func partyProject(q *web.Request) (*evaluationv1.Project, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := projects(q).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: id})
	if err != nil {
		return nil, err
	}
	if !Party(q.Context(), got.GetProject()) {
		return nil, fault.ErrNotFound
	}
	return got.GetProject(), nil
}

func editMilestone(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	m := &milestone{project: p, key: q.PathValue("milestone"), form: ui.NewForm(url.Values{})}
	if m.key == added {
		return q.Render(milestonePage(m))
	}
	resp, err := projects(q).ListMilestones(q.Context(), &evaluationv1.ListMilestonesRequest{ProjectId: p.GetId(), PageSize: 100})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(resp.GetMilestones(), func(s *evaluationv1.Milestone) bool { return s.GetId() == m.key })
	if at < 0 {
		return fault.ErrNotFound
	}
	m.form = ui.NewForm(web.Values("", resp.GetMilestones()[at]))
	return q.Render(milestonePage(m))
}

func saveMilestone(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	m := &milestone{project: p, key: q.PathValue("milestone")}
	in := &evaluationv1.MilestoneInput{}
	if err = web.Bind(q.PostForm, in); err == nil {
		err = m.save(q, in)
	}
	if form, refused := q.Refused(err); refused {
		m.form = form.Trim("milestone.")
		m.form.Labels = milestoneLabels
		return q.RenderAs(form.Status, milestonePage(m))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/projects/"+p.GetId(), "milestonesaved")
}

func (m *milestone) save(q *web.Request, in *evaluationv1.MilestoneInput) error {
	if m.key == added {
		in.Etag = ""
		_, err := projects(q).CreateMilestone(q.Once(), &evaluationv1.CreateMilestoneRequest{ProjectId: m.project.GetId(), Milestone: in})
		return err
	}
	_, err := projects(q).UpdateMilestone(q.Once(), &evaluationv1.UpdateMilestoneRequest{
		ProjectId: m.project.GetId(), Id: m.key, Milestone: in, Etag: in.GetEtag(),
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "due_on", "done_on", "note"}},
	})
	return err
}
