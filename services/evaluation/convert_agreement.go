package evaluation

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/agreement"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
)

func agreementFromProto(in *evaluationv1.AgreementInput, fields []string) agreement.Edit {
	return agreement.Edit{
		Fields: fields, Title: in.GetTitle(), Preamble: in.GetPreamble(), Closing: in.GetClosing(),
		WardSignatory: in.GetWardSignatory(), OrganizationSignatory: in.GetOrganizationSignatory(),
		ImprovementIDs: in.GetImprovementIds(),
		Articles: convert.List(in.GetArticles(), func(t *evaluationv1.AgreementArticle) agreement.Article {
			return agreement.Article{Item: rulebook.Item(convert.EnumName(t.GetItem())), Title: t.GetTitle(), Text: t.GetText()}
		}),
	}
}

// agreementToProto shows a version; the checklist is for whoever is inside.
func agreementToProto(a *agreement.Agreement, p *project.Project, inside bool) *evaluationv1.Agreement {
	out := &evaluationv1.Agreement{
		ProjectId: a.ProjectID, Version: int32(a.Version),
		State:  value[evaluationv1.Agreement_State](evaluationv1.Agreement_State_value, a.State),
		Number: p.AgreementNumber, PublicNumber: p.PublicNumber, Title: a.Title, Preamble: a.Preamble, Closing: a.Closing,
		Form: a.Form, RulebookVersionId: a.RulebookID, RulebookNumber: int32(a.RulebookNumber), WardSignatory: a.WardSignatory,
		OrganizationSignatory: a.OrganizationSignatory, ImprovementIds: a.ImprovementIDs, Sha256: a.SHA256, Text: a.Text,
		Credits: creditsToProto(p.Credits()), CreateTime: convert.Instant(a.CreatedAt), UpdateTime: convert.Instant(a.UpdatedAt),
		SignTime: convert.Instant(a.SignedAt), Etag: rpc.ETag(a.Revision),
		Articles: convert.List(a.Articles, func(t agreement.Article) *evaluationv1.AgreementArticle {
			return &evaluationv1.AgreementArticle{Item: itemToProto(t.Item), Title: t.Title, Text: t.Text}
		}),

		Signatures: convert.List(a.Signatures, func(s agreement.Signature) *evaluationv1.AgreementSignature {
			return &evaluationv1.AgreementSignature{
				Side: sideToProto(s.Side), OrganizationId: s.OrganizationID, DepartmentId: s.DepartmentID, Name: s.Name,
				Signatory: s.Signatory, SignedOn: convert.Date(jp.DateOf(s.SignedAt)),
			}
		}),
	}
	if inside {
		out.Checklist = convert.List(a.Checklist(), func(c agreement.Check) *evaluationv1.AgreementItem {
			return &evaluationv1.AgreementItem{Item: itemToProto(c.Item), Name: c.Name, Required: c.Required, Present: c.Present}
		})
	}
	return out
}
