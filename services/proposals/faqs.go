package proposals

import (
	"context"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/faq"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// faqs answers FaqService.
type faqs struct {
	proposalsv1.UnimplementedFaqServiceServer
	service.Deps
	vault vault
}

// PromoteToFaq makes a public FAQ of an answered consultation.
func (s *consultations) PromoteToFaq(ctx context.Context, req *proposalsv1.PromoteToFaqRequest) (*proposalsv1.PromoteToFaqResponse, error) {
	f := &faq.Faq{
		ID: s.NewID(), Question: req.GetQuestion(), Answer: req.GetAnswer(), Category: req.GetCategory(), Published: true,
		ConsultationID: req.GetId(), Version: 1,
	}
	return deal(ctx, s, req, matterVerb{"promoteToFaq", func(ctx context.Context, c heldMatter) ([]consultation.Entry, error) {
		entries, err := c.Promote(c.by, f.ID)
		if err != nil {
			return nil, err
		}
		if err := s.vault.impersonal(ctx, c.tx, f); err != nil {
			return nil, err
		}
		f.DepartmentID, f.DepartmentName = c.DepartmentID, c.Names.Departments[c.DepartmentID]
		f.CreatedAt, f.UpdatedAt = c.tx.Now, c.tx.Now
		store.AddFaq(c.tx, f, c.by.ID)
		return entries, nil
	}}, func(*proposalsv1.Consultation) *proposalsv1.PromoteToFaqResponse {
		return &proposalsv1.PromoteToFaqResponse{Faq: faqToProto(f, true)}
	})
}

// impersonal refuses a FAQ that holds name or contact of who asked. Errors:
// PERSONAL_DATA_IN_TEXT.
func (v vault) impersonal(ctx context.Context, r pg.Reader, f *faq.Faq) error {
	asker, err := v.person(ctx, r, f.ConsultationID)
	if err != nil {
		return err
	}
	if asker.In(f.Question) {
		return consultation.ErrPersonal.OnPath("question")
	}
	if asker.In(f.Answer) {
		return consultation.ErrPersonal.OnPath("answer")
	}
	return nil
}

// GetFaq shows a FAQ.
func (s *faqs) GetFaq(ctx context.Context, req *proposalsv1.GetFaqRequest) (*proposalsv1.GetFaqResponse, error) {
	desk := isDesk(ctx)
	f, err := store.GetFaq(ctx, s.DB, req.GetId(), desk)
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetFaqResponse{Faq: faqToProto(f, desk)}, nil
}

// ListFaqs lists what GetFaq shows.
func (s *faqs) ListFaqs(ctx context.Context, req *proposalsv1.ListFaqsRequest) (*proposalsv1.ListFaqsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	desk := isDesk(ctx)
	f := store.FaqFilter{Category: req.GetCategory(), Hidden: desk}
	if f.Words, err = searchWords(req.GetQ()); err != nil {
		return nil, err
	}
	rows, err := store.ListFaqs(ctx, s.DB, f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(f *faq.Faq) []string {
		return []string{f.UpdatedAt.UTC().Format(time.RFC3339Nano), f.ID}
	})

	resp := &proposalsv1.ListFaqsResponse{Faqs: convert.List(rows, func(f *faq.Faq) *proposalsv1.Faq { return faqToProto(f, desk) })}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// searchWords reads the words of a search; nil for none. Errors:
// QUERY_TOO_SHORT.
func searchWords(q string) (*jp.Query, error) {
	if q == "" {
		return nil, nil //nolint:nilnil // no words is an answer
	}
	words, err := jp.QueryTerms(q)
	if err != nil {
		return nil, proposal.ErrQueryTooShort.OnPath("q").Because(err)
	}
	return &words, nil
}

// UpdateFaq changes a FAQ.
func (s *faqs) UpdateFaq(ctx context.Context, req *proposalsv1.UpdateFaqRequest) (*proposalsv1.UpdateFaqResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), "question", "answer", "category", "published")
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UpdateFaqResponse, error) {
		f, err := store.LockFaq(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), f.Version); err != nil {
			return nil, err
		}
		takeFaq(f, req.GetFaq(), paths)
		if err := f.Check(); err != nil {
			return nil, err
		}
		if err := s.vault.impersonal(ctx, tx, f); err != nil {
			return nil, err
		}
		store.UpdateFaq(tx, f)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.faq.update", ObjectType: "faq", ObjectID: f.ID, Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &proposalsv1.UpdateFaqResponse{Faq: faqToProto(f, true)}, nil
	})
}

func takeFaq(f *faq.Faq, in *proposalsv1.FaqInput, paths rpc.Paths) {
	if paths.Has("question") {
		f.Question = in.GetQuestion()
	}
	if paths.Has("answer") {
		f.Answer = in.GetAnswer()
	}
	if paths.Has("category") {
		f.Category = in.GetCategory()
	}
	if paths.Has("published") {
		f.Published = in.GetPublished()
	}
}
