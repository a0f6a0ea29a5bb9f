package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// finished makes the completed project and returns its id.
func (s *sampler) finished(ctx context.Context) (string, error) {
	id, err := s.begin(ctx, "project_finished.json", sample.Representative)
	if err != nil {
		return "", err
	}
	return id, sample.Play(ctx,
		s.milestone(id, "聞き手の講習を始める", "2025-05-31", "2025-05-24"),
		s.milestone(id, "冊子を発行する", "2026-02-28", "2026-02-27"),
		s.file(id, sample.Member, "report_interim.json"),
		s.announce(id, "聞き取りを始めました", "講習を終えた聞き手が、町会の協力を得て聞き取りを始めました。"),
		s.attach(id, sample.Staff, sampleDocument{
			"PUBLICITY", project.ForEverybody, "聞き書きの冊子のお知らせ（見本）", "できあがった冊子は、区役所と図書館でご覧いただけます。（見本）",
		}, &sample.Approver),
		s.attach(id, sample.Member, sampleDocument{
			"MINUTES", project.ForBothSides, "第1回打合せの記録（見本）", "聞き取りの進め方と、区と団体の分担を確かめました。（見本）",
		}, nil),
		s.attach(id, sample.Staff, sampleDocument{
			"MATERIAL", project.ForWard, "次年度の予算の検討（見本）", "庁内の検討の資料です。（見本）",
		}, nil),
		s.file(id, sample.Member, "report_final.json"),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(s.projects.CompleteProject(ctx, &evaluationv1.CompleteProjectRequest{Id: id}))
		}),
	)
}

// middle makes the running project and returns its id.
func (s *sampler) middle(ctx context.Context) (string, error) {
	id, err := s.begin(ctx, "project_middle.json", sample.Representative2)
	if err != nil {
		return "", err
	}
	return id, sample.Play(ctx,
		s.milestone(id, "最初の講習会を開く", "2026-06-30", ""),
		s.milestone(id, "1年のまとめを公開する", "2027-03-15", ""),
		s.attach(id, sample.Staff, sampleDocument{
			"PLAN", project.ForEverybody, "年間の実施計画（見本）", "講習会の日程と、参加する集合住宅の一覧です。（見本）",
		}, nil),
		s.announce(id, "参加する集合住宅が決まりました", "説明会を経て、5棟の集合住宅の参加が決まりました。"),
	)
}

// begin makes a project of the representative's organization, has the agreement
// signed by both sides and starts it.
func (s *sampler) begin(ctx context.Context, file string, representative auth.Principal) (string, error) {
	in := &evaluationv1.ProjectInput{}
	if err := sample.Read(sampleFiles, file, in); err != nil {
		return "", err
	}
	in.OrganizationIds = []string{representative.Memberships[0].OrganizationID}
	in.LeadDepartmentId, in.JointDepartmentIds = sample.Staff.DepartmentID, []string{sample.Staff2.DepartmentID}
	made, err := s.projects.CreateProject(auth.With(ctx, sample.Desk), &evaluationv1.CreateProjectRequest{Project: in})
	if err != nil {
		return "", err
	}
	id := made.GetProject().GetId()
	sign := func(by auth.Principal) sample.Turn {
		return sample.By(by, func(ctx context.Context) error {
			return sample.Done(s.agreements.SignAgreement(ctx, &evaluationv1.SignAgreementRequest{ProjectId: id}))
		})
	}
	return id, sample.Play(ctx,
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(s.agreements.DraftAgreement(ctx, &evaluationv1.DraftAgreementRequest{ProjectId: id}))
		}),
		sign(representative),
		sign(sample.Approver),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(s.projects.StartProject(ctx, &evaluationv1.StartProjectRequest{Id: id}))
		}),
	)
}

func (s *sampler) milestone(id, title, due, reached string) sample.Turn {
	return sample.By(sample.Staff, func(ctx context.Context) error {
		return sample.Done(s.projects.CreateMilestone(ctx, &evaluationv1.CreateMilestoneRequest{
			ProjectId: id, Milestone: &evaluationv1.MilestoneInput{Title: title, DueOn: due, DoneOn: reached},
		}))
	})
}

func (s *sampler) file(id string, by auth.Principal, file string) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		in := &evaluationv1.ReportInput{}
		if err := sample.Read(sampleFiles, file, in); err != nil {
			return err
		}
		return sample.Done(s.projects.FileReport(ctx, &evaluationv1.FileReportRequest{ProjectId: id, Report: in}))
	})
}

// announce publishes an entry of the course: written by the lead department,
// approved by another person.
func (s *sampler) announce(id, title, body string) sample.Turn {
	return sample.By(sample.Staff, func(ctx context.Context) error {
		made, err := s.projects.CreateProjectProgress(ctx, &evaluationv1.CreateProjectProgressRequest{ProjectId: id, Title: title, Body: body})
		if err != nil {
			return err
		}
		return sample.Done(s.projects.ApproveProjectProgress(auth.With(ctx, sample.Approver), &evaluationv1.ApproveProjectProgressRequest{
			ProjectId: id, EntryId: made.GetEntry().GetId(),
		}))
	})
}
