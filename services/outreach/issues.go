package outreach

import (
	"context"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// issues answers NewsletterIssueService.
type issues struct {
	outreachv1.UnimplementedNewsletterIssueServiceServer
	newsletters
}

// CreateIssue begins an issue.
func (s *issues) CreateIssue(ctx context.Context, req *outreachv1.CreateIssueRequest) (*outreachv1.CreateIssueResponse, error) {
	by := auth.From(ctx)
	content, err := issueContent(req.GetIssue(), jp.DateOf(s.Now()))
	if err != nil {
		return nil, err
	}
	publisher, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", by.DepartmentID)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateIssueResponse, error) {
		i := &newsletter.Issue{ID: s.NewID(), State: newsletter.Draft, Publisher: publisher.department.FullName, CreatedBy: by.Actor()}
		items, err := s.items(ctx, tx, content, req.GetIssue().GetItems())
		if err != nil {
			return nil, err
		}
		if err := i.Edit(by.Actor(), content, items); err != nil {
			return nil, err
		}
		if _, err := store.InsertIssue(ctx, tx, i); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.createIssue", ObjectType: "newsletterIssue", ObjectID: i.ID})
		return &outreachv1.CreateIssueResponse{Issue: s.issueToProto(i, true)}, nil
	})
}

// items makes the items of an issue: those that the editor names, or without any what
// its topics and period give. Errors: ITEM_NOT_PUBLIC, TOPIC_UNKNOWN.
func (n *newsletters) items(ctx context.Context, tx *pg.Tx, c newsletter.Content, in []*outreachv1.NewsletterItemInput) ([]newsletter.Item, error) {
	topics, err := store.NewsletterTopics(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := topics.Check(c.Topics); err != nil {
		return nil, err
	}
	if len(in) == 0 {
		sources, err := store.SourcesBetween(ctx, tx, n.Origin, store.Span{From: c.From.StartOfDay(), To: c.To.NextMidnight()})
		return newsletter.Compose(sources, topics, c.Topics), err
	}
	sources, err := store.SourcesOf(ctx, tx, n.Origin, convert.List(in, (*outreachv1.NewsletterItemInput).GetSourceId))
	if err != nil {
		return nil, err
	}
	var items []newsletter.Item
	for _, of := range in {
		at := slices.IndexFunc(sources, func(k newsletter.Source) bool { return k.ID == of.GetSourceId() })
		if at < 0 {
			return nil, newsletter.ErrItemNotPublic.With("sourceId", of.GetSourceId())
		}
		if err := topics.Check(of.GetTopics()); err != nil {
			return nil, err
		}
		item := newsletter.Item{Source: sources[at], Topics: of.GetTopics(), Areas: of.GetAreas(), Comment: jp.Clean(of.GetComment())}
		if len(item.Topics) == 0 {
			item.Topics = topics.Of(item.Section, item.Codes)
		}
		items = append(items, item)
	}
	return items, nil
}

// issueChange is what an update does to the items and topics of an issue.
type issueChange struct {
	paths rpc.Paths
	items []*outreachv1.NewsletterItemInput
}

// changed are the items of an issue after an update. Errors: ITEM_NOT_PUBLIC,
// TOPIC_UNKNOWN.
func (s *issues) changed(ctx context.Context, tx *pg.Tx, old []newsletter.Item, c newsletter.Content, to issueChange) ([]newsletter.Item, error) {
	if !to.paths.Has("topics") {
		c.Topics = nil // They were checked when they were set.
	}
	switch {
	case to.paths.Has("items") && len(to.items) > 0:
		return s.items(ctx, tx, c, to.items)
	case to.paths.Has("items"):
		old = nil
	}
	topics, err := store.NewsletterTopics(ctx, tx)
	if err != nil {
		return nil, err
	}
	return old, topics.Check(c.Topics)
}

var issuePaths = rpc.PathsOf(&outreachv1.NewsletterIssueInput{})

// UpdateIssue changes fields of a draft.
func (s *issues) UpdateIssue(ctx context.Context, req *outreachv1.UpdateIssueRequest) (*outreachv1.UpdateIssueResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), issuePaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateIssueResponse, error) {
		i, err := store.LockIssue(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), i.Version); err != nil {
			return nil, err
		}
		if err := i.Editable(); err != nil {
			return nil, err
		}
		content, err := issueContent(rpc.Merge(issueToInput(i), req.GetIssue(), paths), jp.DateOf(tx.Now))
		if err != nil {
			return nil, err
		}
		items, err := s.changed(ctx, tx, i.Items, content, issueChange{paths, req.GetIssue().GetItems()})
		if err != nil {
			return nil, err
		}
		if err := i.Edit(auth.From(ctx).Actor(), content, items); err != nil {
			return nil, err
		}
		if err := store.UpdateIssue(ctx, tx, i); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.newsletter.updateIssue", ObjectType: "newsletterIssue", ObjectID: i.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdateIssueResponse{Issue: s.issueToProto(i, true)}, nil
	})
}

// ComposeIssue composes a draft anew.
func (s *issues) ComposeIssue(ctx context.Context, req *outreachv1.ComposeIssueRequest) (*outreachv1.ComposeIssueResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.ComposeIssueResponse, error) {
		i, err := store.LockIssue(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), i.Version); err != nil {
			return nil, err
		}
		if err := i.Editable(); err != nil {
			return nil, err
		}
		content := i.Content
		content.Topics = nil // What is not a topic any more gives nothing; it is not wrong.
		items, err := s.items(ctx, tx, content, nil)
		if err != nil {
			return nil, err
		}
		if len(i.Topics) > 0 {
			items = newsletter.Select(items, newsletter.Wish{Topics: i.Topics})
		}
		if err := i.Edit(auth.From(ctx).Actor(), i.Content, items); err != nil {
			return nil, err
		}
		if err := store.UpdateIssue(ctx, tx, i); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.composeIssue", ObjectType: "newsletterIssue", ObjectID: i.ID})
		return &outreachv1.ComposeIssueResponse{Issue: s.issueToProto(i, true)}, nil
	})
}

// GetIssue shows an issue.
func (s *issues) GetIssue(ctx context.Context, req *outreachv1.GetIssueRequest) (*outreachv1.GetIssueResponse, error) {
	ward := inWard(ctx)
	i, err := store.GetIssue(ctx, s.DB, req.GetId(), ward)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetIssueResponse{Issue: s.issueToProto(i, ward)}, nil
}

// ListIssues lists the issues that the caller sees.
func (s *issues) ListIssues(ctx context.Context, req *outreachv1.ListIssuesRequest) (*outreachv1.ListIssuesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	ward := inWard(ctx)
	rows, err := store.ListIssues(ctx, s.DB, ward, newsletter.State(convert.EnumName(req.GetState())), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.IssueAfter)
	resp := &outreachv1.ListIssuesResponse{}
	for _, i := range rows {
		resp.Issues = append(resp.Issues, s.issueToProto(i, ward))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// everything is the wish of a reader who chose all topics, for previews.
func (n *newsletters) everything(ctx context.Context, wish newsletter.Wish) (newsletter.Wish, error) {
	topics, err := store.NewsletterTopics(ctx, n.DB)
	if err != nil {
		return wish, err
	}
	if len(wish.Topics) > 0 {
		return wish, topics.Check(wish.Topics)
	}
	wish.Topics = convert.List(topics, func(t *newsletter.Topic) string { return t.Code })
	return wish, nil
}

// PreviewIssue shows the mail of a reader.
func (s *issues) PreviewIssue(ctx context.Context, req *outreachv1.PreviewIssueRequest) (*outreachv1.PreviewIssueResponse, error) {
	i, err := store.GetIssue(ctx, s.DB, req.GetId(), true)
	if err != nil {
		return nil, err
	}
	wish, err := s.everything(ctx, newsletter.Wish{Topics: req.GetTopics(), Areas: req.GetAreas(), Format: newsletter.HTML})
	if err != nil {
		return nil, err
	}
	p, _, err := s.print(i, wish)
	if err != nil {
		return nil, err
	}
	return &outreachv1.PreviewIssueResponse{
		Subject: p.subject, Text: p.plain, Html: p.html, Items: int32(len(newsletter.Select(i.Items, wish))),
	}, nil
}

// GetIssueStatus counts the mails of an issue.
func (s *issues) GetIssueStatus(ctx context.Context, req *outreachv1.GetIssueStatusRequest) (*outreachv1.GetIssueStatusResponse, error) {
	i, err := store.GetIssue(ctx, s.DB, req.GetId(), true)
	if err != nil {
		return nil, err
	}
	c, err := store.CountsOf(ctx, s.DB, i.ID)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetIssueStatusResponse{Status: &outreachv1.NewsletterIssueStatus{
		State: issueState(i.State), Readers: int32(c.Readers), Queued: int32(c.Queued()), Sent: int32(c.Sent),
		Unconfirmed: int32(c.Unconfirmed), Failed: int32(c.Failed), Suppressed: int32(c.Suppressed), Skipped: int32(c.Skipped),
		Unknown: int32(c.Unknown),
	}}, nil
}

// SendTestIssue sends a reader's mail to an address of the ward.
func (s *issues) SendTestIssue(ctx context.Context, req *outreachv1.SendTestIssueRequest) (*outreachv1.SendTestIssueResponse, error) {
	_, domain, _ := strings.Cut(s.Mail.From(), "@")
	if _, to, _ := strings.Cut(strings.ToLower(req.GetEmail()), "@"); domain == "" || to != strings.ToLower(domain) {
		return nil, newsletter.ErrTestAddress.With("domain", domain)
	}
	i, err := store.GetIssue(ctx, s.DB, req.GetId(), true)
	if err != nil {
		return nil, err
	}
	wish, err := s.everything(ctx, newsletter.Wish{Topics: req.GetTopics(), Areas: req.GetAreas(), Format: formatFromProto(req.GetFormat())})
	if err != nil {
		return nil, err
	}
	p, ok, err := s.print(i, wish)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, newsletter.ErrNothing
	}
	p.subject = "【試し配信】" + p.subject
	letter, err := s.letter(i.ID, s.NewID(), strings.ToLower(req.GetEmail()))
	if err != nil {
		return nil, err
	}
	if err := s.sendOne(ctx, p, letter); err != nil {
		return nil, fault.ErrDependencyUnavailable.With("dependency", "mail").Because(err)
	}
	_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.SendTestIssueResponse, error) {
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.sendTestIssue", ObjectType: "newsletterIssue", ObjectID: i.ID})
		return &outreachv1.SendTestIssueResponse{}, nil
	})
	return &outreachv1.SendTestIssueResponse{}, err
}
