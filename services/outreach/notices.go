package outreach

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

//go:embed template/notice/*.txt
var noticeFiles embed.FS

var noticeTemplates = template.Must(template.ParseFS(noticeFiles, "template/notice/*.txt"))

// notices answers NoticeService.
type notices struct {
	outreachv1.UnimplementedNoticeServiceServer
	service.Deps
	directory directory
}

func noticesOf(d service.Deps) *notices { return &notices{Deps: d, directory: directoryOf(d)} }

func registerNotices(d service.Deps, r grpc.ServiceRegistrar) {
	outreachv1.RegisterNoticeServiceServer(r, noticesOf(d))
}

// tell queues what happened, to be told to whom it concerns: in the transaction
// that learns of it, once a key. The text is written in the kind's version of
// today, which is kept with it.
func tell(tx *pg.Tx, d service.Deps, o notice.Occasion) error {
	kind, known := notice.KindOf(o.Kind)
	if !known {
		return fmt.Errorf("there is no kind of notice %q", o.Kind)
	}
	o.ID, o.Facts = d.NewID(), o.Facts.Clean()
	subject, _, err := written(d.Origin, store.Letter{Kind: kind.Code, Version: kind.Version, Path: o.Path, Facts: o.Facts})
	if err != nil {
		return err
	}
	store.AddOccasion(tx, o, kind.Version, subject)
	return nil
}

// noticeText is what the templates know.
type noticeText struct {
	notice.Facts
	Page string
}

// written is subject and text of a notice. Its page is the one of the API's path.
func written(origin string, l store.Letter) (subject, text string, err error) {
	var b strings.Builder
	name := fmt.Sprintf("%s.%d.txt", l.Kind, l.Version)
	err = noticeTemplates.ExecuteTemplate(&b, name, noticeText{Facts: l.Facts, Page: origin + strings.TrimPrefix(l.Path, "/v1")})
	subject, text, _ = strings.Cut(b.String(), "\n\n")
	return subject, text, err
}

// ListNotices lists the caller's own notices.
func (s *notices) ListNotices(ctx context.Context, req *outreachv1.ListNoticesRequest) (*outreachv1.ListNoticesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListNotices(ctx, s.DB, auth.From(ctx).ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(n store.NoticeRow) []string { return []string{n.ID} })
	resp := &outreachv1.ListNoticesResponse{Notices: convert.List(rows, noticeToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetNotice shows one of the caller's own notices with its text.
func (s *notices) GetNotice(ctx context.Context, req *outreachv1.GetNoticeRequest) (*outreachv1.GetNoticeResponse, error) {
	n, err := store.GetNotice(ctx, s.DB, auth.From(ctx).ID, req.GetId())
	if err != nil {
		return nil, err
	}
	out := noticeToProto(n)
	_, out.Text, err = written(s.Origin, n.Letter)
	return &outreachv1.GetNoticeResponse{Notice: out}, err
}

func noticeToProto(n store.NoticeRow) *outreachv1.Notice {
	kind, _ := notice.KindOf(n.Kind)
	return &outreachv1.Notice{
		Id: n.ID, Kind: n.Kind, KindTitle: kind.Title, Subject: n.Subject, Path: n.Path, State: noticeStateToProto(n.State),
		CreateTime: convert.Instant(n.CreatedAt), SendTime: instantOf(n.SentAt), TemplateVersion: int32(n.Version),
	}
}

// GetNoticePreferences shows the caller's own wishes.
func (s *notices) GetNoticePreferences(ctx context.Context, _ *outreachv1.GetNoticePreferencesRequest) (*outreachv1.GetNoticePreferencesResponse, error) {
	p, err := store.GetPreferences(ctx, s.DB, auth.From(ctx).ID)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetNoticePreferencesResponse{Preferences: preferencesToProto(p)}, nil
}

// UpdateNoticePreferences sets the caller's own wishes.
func (s *notices) UpdateNoticePreferences(ctx context.Context, req *outreachv1.UpdateNoticePreferencesRequest) (*outreachv1.UpdateNoticePreferencesResponse, error) {
	if _, err := rpc.Mask(req.GetUpdateMask(), "off_kinds"); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateNoticePreferencesResponse, error) {
		p, err := store.LockPreferences(ctx, tx, auth.From(ctx).ID)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), p.Version); err != nil {
			return nil, err
		}
		if err := p.Wish(req.GetPreferences().GetOffKinds()); err != nil {
			return nil, err
		}
		store.PutPreferences(tx, p)
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.noticePreferences.update", ObjectType: "noticePreferences", ObjectID: p.PersonID,
			Detail: map[string]string{"off": strconv.Itoa(len(p.Off))},
		})
		return &outreachv1.UpdateNoticePreferencesResponse{Preferences: preferencesToProto(p)}, nil
	})
}

func preferencesToProto(p *notice.Preferences) *outreachv1.NoticePreferences {
	return &outreachv1.NoticePreferences{
		Etag: rpc.ETag(p.Version),
		Kinds: convert.List(notice.Kinds(), func(k notice.Kind) *outreachv1.NoticeKind {
			return &outreachv1.NoticeKind{Kind: k.Code, Title: k.Title, Required: k.Required, On: k.Required || p.On(k.Code)}
		}),
	}
}

// ListNoticeTemplates shows the texts to administrators.
func (s *notices) ListNoticeTemplates(context.Context, *outreachv1.ListNoticeTemplatesRequest) (*outreachv1.ListNoticeTemplatesResponse, error) {
	resp := &outreachv1.ListNoticeTemplatesResponse{}
	for _, k := range notice.Kinds() {
		for version := 1; version <= k.Version; version++ {
			text, err := fs.ReadFile(noticeFiles, fmt.Sprintf("template/notice/%s.%d.txt", k.Code, version))
			if err != nil { // Nothing waits in a version that was taken out.
				continue
			}
			resp.Templates = append(resp.Templates, &outreachv1.NoticeTemplate{
				Kind: k.Code, Version: int32(version), Current: version == k.Version, Text: string(text),
			})
		}
	}
	slices.SortFunc(resp.GetTemplates(), func(a, b *outreachv1.NoticeTemplate) int {
		return strings.Compare(a.GetKind(), b.GetKind())
	})
	return resp, nil
}

// ListNoticeDeliveries shows administrators how the sending went.
func (s *notices) ListNoticeDeliveries(ctx context.Context, req *outreachv1.ListNoticeDeliveriesRequest) (*outreachv1.ListNoticeDeliveriesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListDeliveries(ctx, s.DB, notice.State(convert.EnumName(req.GetState())), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(d store.Delivery) []string { return []string{d.ID} })
	resp := &outreachv1.ListNoticeDeliveriesResponse{Deliveries: convert.List(rows, deliveryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func deliveryToProto(d store.Delivery) *outreachv1.NoticeDelivery {
	out := &outreachv1.NoticeDelivery{
		Id: d.ID, Kind: d.Kind, State: noticeStateToProto(d.State), Tries: int32(d.Tries),
		Failure:    outreachv1.NoticeDelivery_Failure(outreachv1.NoticeDelivery_Failure_value[string(d.Failure)]),
		CreateTime: convert.Instant(d.CreatedAt), SendTime: instantOf(d.SentAt),
	}
	if d.State == notice.Queued || d.State == notice.Failed {
		out.NextTryTime = convert.Instant(d.DueAt)
	}
	return out
}

// statisticsDays is how far back the statistics count.
const statisticsDays = 30

// GetNoticeStatistics counts for administrators.
func (s *notices) GetNoticeStatistics(ctx context.Context, _ *outreachv1.GetNoticeStatisticsRequest) (*outreachv1.GetNoticeStatisticsResponse, error) {
	counts, err := store.CountNotices(ctx, s.DB, s.Now().AddDate(0, 0, -statisticsDays))
	if err != nil {
		return nil, err
	}
	since, open, err := store.NoticesWaiting(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	out := &outreachv1.NoticeStatistics{OpenOccasions: int32(open), WaitingSince: instantOf(since)}
	for _, c := range counts {
		out.Counts = append(out.Counts, &outreachv1.NoticeCount{Kind: c.Kind, State: noticeStateToProto(c.State), Count: int32(c.Count)})
	}
	return &outreachv1.GetNoticeStatisticsResponse{Statistics: out}, nil
}

func noticeStateToProto(s notice.State) outreachv1.Notice_State {
	return outreachv1.Notice_State(outreachv1.Notice_State_value[string(s)])
}

// instantOf writes a time that there may be none of.
func instantOf(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return convert.Instant(*t)
}
